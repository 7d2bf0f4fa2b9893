"""Reads a traitlets configuration without changing it.

In such a configuration, a setting that nobody assigned, or that was only added to
(``c.X.y.append``), is a LazyConfigValue. Reading one creates it, so the package reads the
configuration only here.
"""

import copy
import sys

# Spawners that start servers on the Hub's own machine, by the name of their class or a base class.
LOCAL_SPAWNERS = {"LocalProcessSpawner", "SudoSpawner", "SystemdSpawner"}


def is_lazy(value):
    """Whether this is a setting that was only added to."""
    return hasattr(value, "get_value") and hasattr(value, "merge_into")


def container(value, empty):
    """A copy of a setting that is a list or dict; ``empty`` if nobody set it.

    ``LazyConfigValue.get_value`` remembers its first answer, so it is copied first.
    """
    if is_lazy(value):
        return copy.deepcopy(value).get_value(empty)
    return empty if value is None else copy.copy(value)


def hub_setting(c, name, default=None):
    """A setting of JupyterHub: from the command line, else from the file, else ``default``."""
    for config in (_command_line(), c):
        if config is not None and "JupyterHub" in config and name in config["JupyterHub"]:
            value = config["JupyterHub"][name]
            if not is_lazy(value):
                return value
    return default


def spawner_names(c):
    """Names of the configured spawner's class and its bases, or None if it cannot be imported.

    Traitlets reads each of them as a section of the configuration; the class itself wins.
    """
    chosen = hub_setting(c, "spawner_class")
    if chosen is None:
        return ["LocalProcessSpawner", "Spawner"]
    if isinstance(chosen, str):
        chosen = _import(chosen)
    return [base.__name__ for base in chosen.__mro__] if isinstance(chosen, type) else None


def spawner_sections(c, setting):
    """Sections that have this setting for the spawner, besides or instead of c.Spawner.

    Includes all sections that end in Spawner: a wrapping spawner starts children of another class.
    """
    names = set(spawner_names(c) or ())
    return [
        section
        for section in list(c)
        if (section in names or section.endswith("Spawner")) and setting in c[section]
    ]


def _command_line():
    app = sys.modules.get("jupyterhub.app")
    if app is None or not app.JupyterHub.initialized():
        return None
    return getattr(app.JupyterHub.instance(), "cli_config", None)


def _import(name):
    from importlib.metadata import entry_points

    from traitlets.utils.importstring import import_item

    found = entry_points()
    # Python 3.9 returns a dict of groups, later versions a selectable list.
    if hasattr(found, "select"):
        spawners = found.select(group="jupyterhub.spawners")
    else:
        spawners = found.get("jupyterhub.spawners", [])
    try:
        for entry in spawners:
            if entry.name == name:
                return entry.load()
        return import_item(name)
    except (ImportError, AttributeError):
        # The Hub reports this itself; here it only means that we do not know the class.
        return None
