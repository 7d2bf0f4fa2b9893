"""Which room of the package may import which, as a table. The code is read by ``ast`` and not run,
so an import inside a function counts too. ``test/imports.test.ts`` is the same for TypeScript.
"""

import ast
import sys
import unittest
from collections import Counter
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).resolve().parents[1] / "jupyterpost"

#: Room -> the rooms that it may import besides itself. A room is a folder, or a file at the top.
ARROWS = {
    "contract": set(),
    "configuration_error": set(),
    "relay_command": {"configuration_error"},
    "hub": {"configuration_error", "relay_command"},
    "posting": {"contract", "configuration_error", "relay_command"},
    "capture": {"contract", "posting"},
    "magics": {"contract", "capture", "posting"},
    "papermill": set(),
    "": {"configuration_error", "hub", "posting", "capture", "magics"},
}

#: Room -> what it may import that does not belong to Python itself.
FOREIGN = {"hub": {"jupyterhub", "traitlets"}, "magics": {"IPython"}, "papermill": {"papermill"}}


def module_of(path):
    """``('posting', 'spool')``. A package has the name of its folder, and ``jupyterpost`` itself is
    ``()``.
    """
    parts = path.relative_to(FOLDER).with_suffix("").parts
    return parts[:-1] if parts[-1] == "__init__" else parts


FILES = {module_of(path): path for path in sorted(FOLDER.rglob("*.py"))}
TREES = {module: ast.parse(path.read_text(encoding="utf-8")) for module, path in FILES.items()}


class Import(NamedTuple):
    """``target``: a module of ours without ``jupyterpost``, or another one."""

    target: tuple
    is_ours: bool
    #: Name in the importing module -> the module that it stands for, if it does.
    names: dict


def imports_of(module, tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                parts = tuple(alias.name.split("."))
                is_ours = parts[0] == "jupyterpost"
                target = parts[1:] if is_ours else parts
                # `import a.b` makes the name `a`.
                names = {alias.asname: target} if alias.asname else {parts[0]: () if is_ours else parts[:1]}
                yield Import(target, is_ours, names)
        elif isinstance(node, ast.ImportFrom):
            parts = tuple(node.module.split(".")) if node.module else ()
            is_ours = node.level > 0 or parts[0] == "jupyterpost"
            if node.level > 0:
                is_package = module in FILES and FILES[module].name == "__init__.py"
                package = module if is_package else module[:-1]
                parts = package[: len(package) - node.level + 1] + parts
            elif is_ours:
                parts = parts[1:]
            for alias in node.names:
                one = (*parts, alias.name)
                if is_ours and one in FILES:
                    yield Import(one, True, {alias.asname or alias.name: one})
                else:
                    yield Import(parts, is_ours, {})


def room_of(module):
    return module[0] if module else ""


EDGES = {
    (module, found.target)
    for module, tree in TREES.items()
    for found in imports_of(module, tree)
    if found.is_ours
}


def shown(module):
    return ".".join(module) or "jupyterpost"


def circles(edges):
    """Each circle, as the way from a module back to itself, once."""
    targets = {}
    for module, target in sorted(edges):
        targets.setdefault(module, []).append(target)
    found, done = [], set()

    def walk(module, path):
        if module in path:
            found.append(" -> ".join(map(shown, [*path[path.index(module) :], module])))
        elif module not in done:
            for target in targets.get(module, []):
                walk(target, [*path, module])
            done.add(module)

    for module in sorted(targets):
        walk(module, [])
    return found


def dotted(node):
    """``a.b`` as ``('a', 'b')``; None for anything else."""
    if isinstance(node, ast.Name):
        return (node.id,)
    before = dotted(node.value) if isinstance(node, ast.Attribute) else None
    return None if before is None else (*before, node.attr)


def overwrites(module, tree):
    """Lines that set or delete a name in another module."""
    names = {}
    for found in imports_of(module, tree):
        names.update((name, (target, found.is_ours)) for name, target in found.names.items())

    def is_module(node):
        if isinstance(node, ast.Subscript):
            return dotted(node.value) == ("sys", "modules")
        first, *rest = dotted(node) or ("",)
        if first not in names:
            return False
        target, is_ours = names[first]
        return (*target, *rest) in FILES if is_ours else not rest

    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, (ast.Store, ast.Del)) and is_module(node.value):
            yield node.lineno
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            takes_module = node.func.id in ("setattr", "delattr", "vars") and node.args and is_module(node.args[0])
            if takes_module or node.func.id == "globals":
                yield node.lineno


class Imports(unittest.TestCase):
    def test_the_scan_sees_each_room(self):
        self.assertEqual({room_of(module) for module in FILES}, set(ARROWS))
        importing = {room_of(module) for module, target in EDGES if room_of(module) != room_of(target)}
        self.assertEqual(importing, {room for room, others in ARROWS.items() if others})

    def test_imports_point_down_only(self):
        up = [
            f"{shown(module)} -> {shown(target)}"
            for module, target in sorted(EDGES)
            if room_of(target) not in ARROWS[room_of(module)] | {room_of(module)}
        ]
        self.assertEqual(up, [])

    def test_each_arrow_is_used(self):
        used = {(room_of(module), room_of(target)) for module, target in EDGES}
        allowed = {(room, other) for room, others in ARROWS.items() for other in others}
        self.assertEqual(allowed - used, set())

    def test_no_imports_go_round_in_a_circle(self):
        self.assertEqual(circles({(("a",), ("b",)), (("b",), ("c",)), (("c",), ("b",))}), ["b -> c -> b"])
        self.assertEqual(circles(EDGES), [])

    def test_each_name_is_that_of_one_module(self):
        names = Counter(module[-1] for module in FILES if module)
        self.assertEqual([name for name, count in names.items() if count > 1], [])

    def test_a_room_that_needs_more_than_python_is_named(self):
        known = set(sys.stdlib_module_names)
        foreign = {
            (room_of(module), found.target[0])
            for module, tree in TREES.items()
            for found in imports_of(module, tree)
            if not found.is_ours and found.target[0] not in known
        }
        self.assertEqual(foreign, {(room, name) for room, names in FOREIGN.items() for name in names})

    def test_no_module_writes_over_the_globals_of_another(self):
        for code in (
            "from . import spool\nspool.BOUND_DAYS = 1",
            "from . import spool as kept\nkept.BOUND_DAYS += 1",
            "from . import spool\ndel spool.BOUND_DAYS",
            "from . import spool\nsetattr(spool, 'BOUND_DAYS', 1)",
            "import jupyterpost.posting.spool\njupyterpost.posting.spool.BOUND_DAYS = 1",
            "import sys\nsys.stdout = None",
            "import sys\nsys.modules['os'].name = ''",
            "def f():\n    globals()['x'] = 1",
        ):
            with self.subTest(code):
                self.assertEqual(list(overwrites(("posting", "any"), ast.parse(code))), [2])
        own = "from .spool import Spool\nkept = Spool('')\nkept.folder = ''\nimport os\nos.environ['x'] = ''"
        self.assertEqual(list(overwrites(("posting", "any"), ast.parse(own))), [])
        found = [f"{shown(module)}:{line}" for module, tree in TREES.items() for line in overwrites(module, tree)]
        self.assertEqual(found, [])


if __name__ == "__main__":
    unittest.main()
