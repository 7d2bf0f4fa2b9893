"""The relay's address as the users' servers reach it, and how it gets into their environment.

A kernel cannot find the Hub's proxy by itself (its JUPYTERHUB_* variables name the Hub's internal
port and its own server), so JUPYTERPOST_URL has to be injected.
"""

from urllib.parse import urlsplit

from ..configuration_error import ConfigurationError
from .settings import LOCAL_SPAWNERS, container, hub_setting, is_lazy, spawner_names, spawner_sections

VARIABLE = "JUPYTERPOST_URL"
_WILDCARDS = {"", "0.0.0.0", "::", "*"}
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def inject_url(c, name, url):
    """Gives JUPYTERPOST_URL to all servers: ``url``, or what the configuration says."""
    sections = [s for s in spawner_sections(c, "environment") if not is_lazy(c[s].environment)]
    if url is None:
        # An admin may have set the variable. (A callable is fine too: the Hub calls it.)
        if any(VARIABLE in container(c[s].environment, {}) for s in {"Spawner", *sections}):
            return
        url = derived_url(c, name)
    else:
        url = _checked(url)
    # c.Spawner.environment reaches every class, except one with an environment of its own, such as
    # KubeSpawner on Zero to JupyterHub.
    for section in sections:
        c[section].environment = {**c[section].environment, VARIABLE: url}
    if "Spawner" not in sections:
        c.Spawner.environment.update({VARIABLE: url})


def derived_url(c, name):
    """The service's public address, from public_url, subdomain_host or bind_url, with a last /."""
    subdomain_host = hub_setting(c, "subdomain_host")
    if subdomain_host:
        host = _service_host(c, name, urlsplit(_with_scheme(subdomain_host)))
        return f"{host}{_base_url(c)}services/{name}/"
    public_url = hub_setting(c, "public_url")
    if public_url:
        public = urlsplit(_with_scheme(public_url))
        # The Hub adds base_url to a public_url without a path, and refuses any other path.
        path = public.path if public.path.strip("/") else _base_url(c)
        return f"{public.scheme}://{public.netloc}{_slashed(path)}services/{name}/"
    return f"{_bound_origin(c, name)}{_base_url(c)}services/{name}/"


def _service_host(c, name, host):
    hook = hub_setting(c, "subdomain_hook", "idna")
    if isinstance(hook, str):
        from jupyterhub import utils

        hook = getattr(utils, f"subdomain_hook_{hook}", None)
    if not callable(hook):
        raise ConfigurationError(
            "jupyterpost: the services' subdomains are not known (c.JupyterHub.subdomain_hook is "
            f"{hub_setting(c, 'subdomain_hook')!r}); pass jupyterpost_url='https://.../services/{name}/'"
        )
    domain = hook(name, host.hostname, kind="service")
    return f"{host.scheme}://{domain}{f':{host.port}' if host.port else ''}"


def _bound_origin(c, name):
    """Scheme, host and port from bind_url (or the older ip and port), if servers can reach them."""
    bind = urlsplit(hub_setting(c, "bind_url", "http://:8000"))
    if bind.scheme not in ("http", "https"):
        raise _unknown(name, f"bind_url is {bind.geturl()}")
    scheme = "https" if hub_setting(c, "ssl_cert") else "http"
    host, port = bind.hostname or "", bind.port
    # If any of the three older settings is there, the Hub uses all three.
    if any(hub_setting(c, old) is not None for old in ("ip", "port", "base_url")):
        host, port = hub_setting(c, "ip", ""), hub_setting(c, "port", 8000)
    if host in _WILDCARDS | _LOOPBACK:
        if not LOCAL_SPAWNERS & set(spawner_names(c) or ()):
            raise _unknown(name, "servers of this spawner may run elsewhere and cannot reach loopback")
        if scheme == "https":
            raise _unknown(name, "the Hub's certificate is not for a loopback address")
        host = "127.0.0.1" if host in _WILDCARDS else host
    netloc = f"[{host}]" if ":" in host else host
    return f"{scheme}://{netloc}{f':{port}' if port else ''}"


def _base_url(c):
    base = hub_setting(c, "base_url")
    if base is None:
        base = urlsplit(hub_setting(c, "bind_url", "")).path
    return _slashed(base)


def _slashed(path):
    return f"/{path.strip('/')}/" if path.strip("/") else "/"


def _with_scheme(url):
    return url if "://" in url else f"https://{url}"


def _checked(url):
    url = url.strip() if isinstance(url, str) else url
    parts = urlsplit(url) if isinstance(url, str) else None
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
        raise ConfigurationError(
            f"jupyterpost: jupyterpost_url is {url!r}; expected the address of the service as your users' "
            "servers see it, such as https://your.hub/services/jupyterpost/"
        )
    return url.rstrip("/") + "/"


def _unknown(name, reason):
    return ConfigurationError(
        f"jupyterpost: the address of the Hub as its users' servers see it is not known ({reason}); set "
        f"c.JupyterHub.public_url before this call, or pass jupyterpost_url='https://your.hub/services/{name}/'"
    )
