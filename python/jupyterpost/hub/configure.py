"""``configure_jupyterhub``: the relay as a managed service of a JupyterHub, in one call.

It only adds. Services, roles and environment variables of others stay as they are, a second call
changes nothing, and a wrong argument is an error while the Hub reads its configuration.
"""

import os
import re
from pathlib import Path

from ..configuration_error import ConfigurationError
from ..relay_command import relay_command
from .roles import grant_access, grant_users
from .service_address import inject_url
from .settings import container, hub_setting


def configure_jupyterhub(
    c,
    mattermost_token=None,
    mattermost_url=None,
    mattermost_team=None,
    port=10101,
    bot_signature="(via jupyterpost)",
    jupyterpost_url=None,
    *,
    mattermost_token_file=None,
    node=None,
    relay=None,
    name="jupyterpost",
    groups=None,
    database=None,
    environment=None,
    read_users=False,
):
    """Sets up the jupyterpost relay on this Hub. Call it at the end of ``jupyterhub_config.py``.

    Adds the managed service, gives all users and their servers access to it, and gives the servers
    its address as ``JUPYTERPOST_URL``. Servers that are already running must be restarted to get
    both. Without the Mattermost parameters, posts go only to the relay's own inbox.

    Parameters
    ----------
    c : Config
        The Hub's configuration.
    mattermost_token : str, optional
        Token of the Mattermost bot. To keep it out of the configuration, use
        ``mattermost_token_file``.
    mattermost_url : str, optional
        Address of the Mattermost server, with or without ``/api/v4/``.
    mattermost_team : str, optional
        Name of the team, as in its URL.
    port : int
        Port on loopback where the relay listens, 1 to 65535.
    bot_signature : str
        Text after the poster's name in the chat.
    jupyterpost_url : str, optional
        URL of the service as the users' servers reach it. By default it is derived from the Hub's
        ``public_url``, ``subdomain_host`` or ``bind_url``, if these are enough.
    mattermost_token_file : path, optional
        File with the token, readable by the Hub's user only.
    node, relay : path, optional
        Node 24 or newer, and ``bin/jupyterpost`` of the npm package. By default JUPYTERPOST_NODE
        and JUPYTERPOST_RELAY, then the clone that contains this package, then npm's ``jupyterpost``
        on PATH.
    name : str
        Name of the service, which is part of its URL.
    groups : list of str, optional
        Hub groups whose members may post; everyone by default.
    database : path, optional
        The relay's SQLite file. By default ``jupyterpost.sqlite`` in the Hub's working folder.
    environment : dict, optional
        More variables for the relay, such as ``JUPYTERPOST_POLICY`` or ``NODE_EXTRA_CA_CERTS``.
    read_users : bool
        Lets the relay ask the Hub about its users (scope ``read:users``): when each was created, so
        that somebody who gets a name that was another's gets nothing else, and in which groups they
        are now.

    Raises
    ------
    ConfigurationError
        Says what was expected, what was found and what to do.
    """
    _check_name_and_port(name, port)
    variables = _mattermost(mattermost_token, mattermost_token_file, mattermost_url, mattermost_team)
    variables["BOT_SIGNATURE"] = str(bot_signature)
    if database is not None:
        variables["JUPYTERPOST_DATABASE"] = _database(database)
    variables.update({key: str(value) for key, value in (environment or {}).items()})
    service = {
        "name": name,
        # With internal_ssl the Hub gives the service its certificates.
        "url": f"{'https' if hub_setting(c, 'internal_ssl') else 'http'}://127.0.0.1:{port}",
        "command": relay_command(node, relay),
        "environment": variables,
        # People who use its page know its address; signing in to it needs no consent page.
        "display": False,
        "oauth_no_confirm": True,
    }
    services = _with_service(container(c.JupyterHub.services, []), service)
    # Everything that can fail is done before the configuration changes.
    inject_url(c, name, jupyterpost_url)
    grant_access(c, name, groups)
    if read_users:
        grant_users(c, name)
    c.JupyterHub.services = services


def _check_name_and_port(name, port):
    if not isinstance(name, str) or not re.fullmatch(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?", name):
        raise ConfigurationError(
            f"jupyterpost: name is {name!r}; expected lower-case letters, digits and dashes, it is part of the address"
        )
    if isinstance(port, bool) or not isinstance(port, int) or not 0 < port < 65536:
        raise ConfigurationError(f"jupyterpost: port is {port!r}; expected a number from 1 to 65535")


def _mattermost(token, token_file, url, team):
    """Variables of the relay's Mattermost adapter; empty without Mattermost."""
    if token and token_file:
        raise ConfigurationError("jupyterpost: expected mattermost_token or mattermost_token_file, not both")
    # A mounted secret, read as it is, ends in a line end.
    token, url, team = (value.strip() if isinstance(value, str) else value for value in (token, url, team))
    given = {
        "mattermost_token or mattermost_token_file": token or token_file,
        "mattermost_url": url,
        "mattermost_team": team,
    }
    missing = [parameter for parameter, value in given.items() if not value]
    if len(missing) == len(given):
        return {}
    if missing:
        raise ConfigurationError(
            f"jupyterpost: {' and '.join(missing)} missing; expected all three of Mattermost, or none for the inbox only"
        )
    if token and not re.fullmatch(r"[\x21-\x7e]+", token):
        raise ConfigurationError(
            "jupyterpost: mattermost_token contains a character that no token has, such as a space or a line end"
        )
    if not re.match(r"https?://[^/\s]+", url):
        raise ConfigurationError(
            f"jupyterpost: mattermost_url is {url!r}; expected an address such as https://your.mattermost.server"
        )
    variables = {"MATTERMOST_URL": url, "MATTERMOST_TEAM": team}
    if token:
        variables["MATTERMOST_TOKEN"] = token
    else:
        path = Path(token_file).expanduser().absolute()
        if not os.access(path, os.R_OK):
            raise ConfigurationError(
                f"jupyterpost: mattermost_token_file is {str(path)!r}, which this user cannot read"
            )
        variables["MATTERMOST_TOKEN_FILE"] = str(path)
    return variables


def _database(database):
    # A later relay also takes an address such as postgres://...
    if "://" in str(database):
        return str(database)
    return str(Path(database).expanduser().absolute())


def _with_service(services, service):
    """The list with ours, which replaces that of an earlier call or of a pasted snippet."""
    same_name = [known for known in services if known.get("name") == service["name"]]
    if not same_name:
        return [*services, service]
    if any(list(known.get("command", []))[2:] != ["relay"] for known in same_name):
        raise ConfigurationError(
            f"jupyterpost: c.JupyterHub.services has another service named {service['name']!r}; remove that entry, "
            "or pass name= to give the relay another name"
        )
    others = [known for known in services if known.get("name") != service["name"]]
    return [*others, service]
