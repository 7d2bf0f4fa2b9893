"""The grant: who may call the service, as a person and from a server.

A server's token is limited to what both its role and its user have, so both get the scope. An entry
of ``load_roles`` replaces the Hub's default scopes of that role, so a new entry starts from them.
No other role is touched.
"""

import inspect

from ..configuration_error import ConfigurationError
from .settings import container, spawner_sections


def grant_access(c, name, groups):
    """Adds the service's scope to ``user`` (or to a role for ``groups``) and to ``server``."""
    scope = f"access:services!service={name}"
    roles = container(c.JupyterHub.load_roles, [])
    if groups is None:
        roles = _with_scope(roles, "user", scope)
    else:
        roles = _with_groups(roles, f"{name}-users", scope, list(groups))
    c.JupyterHub.load_roles = _with_scope(roles, "server", scope)
    for section in spawner_sections(c, "server_token_scopes"):
        _extend_token_scopes(c[section], scope)


def grant_users(c, name):
    """Lets the service itself read the Hub's users, by a role of its own."""
    role = {"name": f"{name}-service", "services": [name], "scopes": ["read:users"]}
    roles = container(c.JupyterHub.load_roles, [])
    if not any(_is_role(known, role["name"]) for known in roles):
        roles = [*roles, role]
    c.JupyterHub.load_roles = roles


def _with_scope(roles, role_name, scope):
    if not any(_is_role(role, role_name) for role in roles):
        return [*roles, {"name": role_name, "scopes": [*_default_scopes(role_name), scope]}]
    return [
        {**role, "scopes": _add(_scopes(role), scope)} if _is_role(role, role_name) else role
        for role in roles
    ]


def _with_groups(roles, role_name, scope, groups):
    if not any(_is_role(role, role_name) for role in roles):
        return [*roles, {"name": role_name, "groups": groups, "scopes": [scope]}]
    return [
        {
            **role,
            "groups": [*role.get("groups", []), *(g for g in groups if g not in role.get("groups", []))],
            "scopes": _add(role.get("scopes") or [], scope),
        }
        if _is_role(role, role_name)
        else role
        for role in roles
    ]


def _is_role(role, name):
    return isinstance(role, dict) and role.get("name") == name


def _scopes(role):
    scopes = role.get("scopes")
    if scopes is None:
        return _default_scopes(role["name"])
    if not isinstance(scopes, (list, tuple, set)):
        raise ConfigurationError(
            f"jupyterpost: the role {role['name']!r} in c.JupyterHub.load_roles has scopes = {scopes!r}; "
            "expected a list of scopes"
        )
    return list(scopes)


def _default_scopes(role_name):
    from jupyterhub.roles import get_default_roles

    return list(next(role["scopes"] for role in get_default_roles() if role["name"] == role_name))


def _add(scopes, scope):
    # The bare scope covers all services, and "inherit" (in a server's role) all scopes of its user.
    if {scope, "access:services", "inherit"} & set(scopes):
        return list(scopes)
    return [*scopes, scope]


def _extend_token_scopes(section, scope):
    """If c.Spawner.server_token_scopes is set, it takes the place of the role ``server``."""
    value = section.server_token_scopes
    if callable(value):
        if getattr(value, "jupyterpost_scope", None) != scope:
            section.server_token_scopes = _extended(value, scope)
        return
    scopes = container(value, [])
    if scopes:  # an empty list means the scopes of the role
        section.server_token_scopes = _add(scopes, scope)


def _extended(ask, scope):
    async def server_token_scopes(spawner):
        scopes = ask(spawner)
        if inspect.isawaitable(scopes):  # the Hub accepts both kinds
            scopes = await scopes
        return _add(scopes, scope) if scopes else scopes

    server_token_scopes.jupyterpost_scope = scope
    return server_token_scopes
