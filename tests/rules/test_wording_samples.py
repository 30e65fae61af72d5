"""Every wording that the code names has samples, and the table names none that the code does not."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tasks.rules.wording_samples import SAMPLES, samples_of

TASKS = Path(__file__).resolve().parents[2] / "tasks"


def _texts(expression: ast.expr) -> Iterator[str]:
    """The words an expression can give: constants, also within `x if y else z` and `x or y`."""
    match expression:
        case ast.Constant(value=str(text)) if text:
            yield text
        case ast.IfExp(body=body, orelse=other):
            yield from _texts(body)
            yield from _texts(other)
        case ast.BoolOp(values=values):
            for value in values:
                yield from _texts(value)


def _takes_wording(trees: list[ast.Module]) -> dict[str, int]:
    """Functions with a parameter `wording`, and where it stands; methods are called without their first."""
    found = {}
    for function in (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        names = [argument.arg for argument in function.args.args if argument.arg != "self"]
        if "wording" in names:
            found[function.name] = names.index("wording")
    return found


def _wordings(tree: ast.Module, takers: dict[str, int]) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=func, args=args, keywords=keywords):
                name = func.id if isinstance(func, ast.Name) else func.attr if isinstance(func, ast.Attribute) else ""
                given = [keyword.value for keyword in keywords if keyword.arg == "wording"]
                given += args[takers[name] : takers[name] + 1] if name in takers else []
                yield from (text for one in given for text in _texts(one))
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if name.lower().strip("_") == "wording":
                yield from _texts(value)
            case ast.FunctionDef(name="_wording"):
                returned = [one.value for one in ast.walk(node) if isinstance(one, ast.Return) and one.value]
                yield from (text for one in returned for text in _texts(one))


def test_the_table_holds_what_the_code_names() -> None:
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in TASKS.rglob("*.py")]
    takers = _takes_wording(trees)
    named = {text for tree in trees for text in _wordings(tree, takers)}
    assert named == set(SAMPLES)


def test_all_samples_of_a_wording_have_the_same_names() -> None:
    for wording in [*SAMPLES, "work_price", "client_scheduled"]:
        names = {tuple(sorted(sample)) for sample in samples_of(wording, {"price"})}
        assert len(names) == 1, wording


def test_what_asks_for_work_has_a_deadline() -> None:
    assert all(sample["due_at"] for sample in samples_of("work_price", {"price"}))
    assert not all(sample["due_at"] for sample in samples_of("deal_opened", {"price"}))
