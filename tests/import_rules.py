"""The import direction of the house, read from the source by ast: what each part may import, and what nobody may."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import PurePosixPath

PARTS = ("flows", "tasks", "sql", "deployments")
FIRST_PARTY = {*PARTS, "tests"}
_RULE_LIBRARIES = {"holidays", "phonenumbers", "rapidfuzz"}
_METRIC_LIBRARIES = {"pandas", "numpy"}
_LINK_RULES = ("tasks/rules/door/links.py", "itsdangerous")
# A rule is given its data and `now`: whatever reaches for the world, or for chance, has no business there.
_IMPURE = {
    *("os", "sys", "time", "random", "secrets", "socket", "ssl", "sqlite3", "subprocess", "threading", "asyncio", "io"),
    *("shutil", "tempfile", "glob", "urllib", "http", "imaplib", "poplib", "ftplib", "logging", "multiprocessing"),
}
_CLOCKS = {"now", "today", "utcnow"}


def violations(path: str, source: str) -> list[str]:
    """What the file at `path` (below the project's root) breaks, one line each."""
    tree = ast.parse(source)
    found = [f"{path}: {why}" for name in sorted(set(_imports(tree))) if (why := _refusal(path, name))]
    if path.startswith("tasks/rules/"):
        found += [f"{path}:{line}: reads the clock" for line in _clock_reads(tree)]
    return found + _shadowing(path)


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                yield "relative"
            elif node.module and node.module in FIRST_PARTY | {"tasks.gateways", "tasks.rules"}:
                yield from (f"{node.module}.{alias.name}" for alias in node.names)
            elif node.module:
                yield node.module


def _is_impure(name: str) -> bool:
    return name.partition(".")[0] in _IMPURE and name != "urllib.parse"  # taking an address apart asks nobody


def _refusal(path: str, name: str) -> str:
    """Why `path` may not import `name`; '' when it may."""
    top = name.partition(".")[0]
    if top == "smtplib":
        return "smtplib is used nowhere: mail leaves through aiosmtplib"
    if name == "relative" or (top == "tests" and not path.startswith("tests/")):
        return f"imports {name}"
    if top in FIRST_PARTY:
        return "" if _may_import_ours(path, name) else f"imports {name}, against the direction of the house"
    return "" if _may_import_library(path, name) else f"imports {top}, which does not belong there"


def _may_import_ours(path: str, name: str) -> bool:
    if path.startswith(("deployments/", "notebooks/", "tests/")):
        return True
    if path == "flows/opening.py":
        return name.startswith(("flows.", "tasks.")) or name == "deployments.settings"
    allowed = {
        "flows/": ("flows.", "tasks."),
        "tasks/rules/": ("tasks.rules.",),
        "tasks/gateways/": ("tasks.gateways.", "tasks.rules.", "sql."),
        "tasks/": ("tasks.", "sql."),
        "sql/": ("sql.",),
    }
    prefix = next(prefix for prefix in allowed if path.startswith(prefix))
    if prefix == "flows/" and name.startswith("tasks.gateways."):
        return False
    return name.startswith(allowed[prefix])


def _may_import_library(path: str, name: str) -> bool:
    top = name.partition(".")[0]
    is_standard = top in sys.stdlib_module_names
    if path.startswith("tasks/rules/"):
        is_metric = PurePosixPath(path).name.startswith("metrics")
        return (
            (is_standard and not _is_impure(name))
            or top in _RULE_LIBRARIES
            or (is_metric and top in _METRIC_LIBRARIES)
            or (path, top) == _LINK_RULES
        )
    if path.startswith("tasks/gateways/"):
        return top != "prefect"
    if path.startswith("sql/"):
        return is_standard or top in {"sqlalchemy", "alembic"}
    return True


def _clock_reads(tree: ast.AST) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _CLOCKS:
            yield node.lineno


def _shadowing(path: str) -> list[str]:
    """Modules of flows/ and tasks/ named like a standard or installed one: on some path, one hides the other."""
    if not path.startswith(("flows/", "tasks/")):
        return []
    names = [PurePosixPath(path).stem, *PurePosixPath(path).parts[1:-1]]
    return [f"{path}: the name {name!r} is taken by a library" for name in names if name in _taken_names()]


@cache
def _taken_names() -> frozenset[str]:
    return frozenset(sys.stdlib_module_names | (packages_distributions().keys() - FIRST_PARTY))
