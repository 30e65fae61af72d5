"""Why a condition does not hold, leaf by leaf: what is empty, what is missing, what was found and what was wanted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from tasks.rules.process.actions import AllOf, AnyOf, Condition, NotOf, Reference, Test
from tasks.rules.process.conditions import View, compile_condition, getter, leaves
from tasks.rules.process.definition import Definition
from tasks.rules.process.program import RuleCode
from tasks.rules.process.reasons import Reason
from tasks.rules.process.slots import is_allowed
from tasks.rules.process.values import is_empty

if TYPE_CHECKING:
    from tasks.rules.process.chain import Chain


def objections(chain: Chain, rules: Iterable[RuleCode]) -> tuple[Reason, ...]:
    """Why each of the rules did not accept the event."""
    found: list[Reason] = []
    for code in rules:
        if code.by and not is_allowed(chain, code.by):
            found.append(Reason("who", wanted=code.by, words=code.rule.say))
            continue
        if code.rule.say:
            found.append(Reason("words", words=code.rule.say))
        found.extend(failures(chain.program.definition, code.rule.condition, chain))
    return tuple(found)


def failures(definition: Definition, condition: Condition, view: View) -> tuple[Reason, ...]:
    """Why the condition does not hold, leaf by leaf; () when it holds."""
    if isinstance(condition, Test):
        return _test_failures(definition, condition, view)
    if isinstance(condition, AllOf):
        return tuple(reason for part in condition.parts for reason in failures(definition, part, view))
    if isinstance(condition, AnyOf):
        found = [failures(definition, part, view) for part in condition.parts]
        return () if any(not reasons for reasons in found) else tuple(reason for part in found for reason in part)
    return _not_failures(definition, condition, view)


def _not_failures(definition: Definition, condition: NotOf, view: View) -> tuple[Reason, ...]:
    holds = _holds(definition, condition.part, view)
    if holds is False:
        return ()
    if holds is None:
        found = failures(definition, condition.part, view)
        return tuple(reason for reason in found if reason.kind == "empty") or found
    return tuple(
        Reason("differs", leaf.name, f"not {leaf.operator}", getter(definition, leaf.name)(view), leaf.wanted)
        for leaf in leaves(condition.part)
    ) or (Reason("differs", operator="not"),)


def _holds(definition: Definition, condition: Condition, view: View) -> bool | None:
    test = compile_condition(definition, condition)
    return test(view) if test else True


def _test_failures(definition: Definition, test: Test, view: View) -> tuple[Reason, ...]:
    holds = _holds(definition, test, view)
    if holds:
        return ()
    found, wanted = getter(definition, test.name)(view), test.wanted
    if isinstance(wanted, Reference):
        name, wanted = wanted.name, getter(definition, wanted.name)(view)
        if holds is None and is_empty(wanted):
            return (Reason("empty", name),)
    if holds is None or (test.operator == "filled" and wanted):
        return (Reason("empty", test.name),)
    if test.operator in ("has", "covers"):
        asked = (wanted,) if test.operator == "has" else wanted or ()
        return (
            Reason("missing", test.name, found=found or (), wanted=tuple(w for w in asked if w not in (found or ()))),
        )
    return (Reason("differs", test.name, test.operator, found, wanted),)
