"""Answers that a back-test assumes where the past has none, as a file says them: by piece of work, else by role.

answers:
  last_word: {answer: approve, after: 2h}
  chief: {answer: decline, after: 1d}
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tasks.rules.errors import UsageError
from tasks.rules.nearest_name import nearest
from tasks.rules.process.definition import Definition
from tasks.rules.process_tools.backtest import Usual
from tasks.rules.process_tools.findings import slots_of

_VERBS = ("done", "approve", "decline")
_AFTER = re.compile(r"([1-9][0-9]{0,4})([mhd])")
_SECONDS = {"m": 60, "h": 3600, "d": 86_400}
_KEYS = {"answer", "after"}


def read_assumed(raw: Any, definition: Definition) -> dict[str, Usual]:
    """The answers of a file, for the changed process. Raises UsageError for what it cannot mean, with the place."""
    answers = raw.get("answers") if isinstance(raw, Mapping) else None
    if not isinstance(answers, Mapping) or set(raw) != {"answers"}:
        raise UsageError("a file of assumed answers holds `answers:` with pieces of work or roles, and nothing else")
    found: dict[str, Usual] = {}
    for name, said in answers.items():
        usual = _usual(str(name), said)
        if name in definition.work:
            found[f"work:{name}"] = usual
        elif name in slots_of(definition):
            found[f"{'task' if usual.verb == 'done' else 'vote'}:{name}"] = usual
        else:
            hint = nearest(str(name), [*definition.work, *slots_of(definition)])
            raise UsageError(f"answers.{name}: no work and no role of {definition.name}" + _or(hint))
    return found


def _usual(name: str, said: Any) -> Usual:
    if not isinstance(said, Mapping) or set(said) != _KEYS:
        raise UsageError(f"answers.{name}: write {{answer: {' | '.join(_VERBS)}, after: 2h}}")
    verb, after = str(said["answer"]), _AFTER.fullmatch(str(said["after"]))
    if verb not in _VERBS:
        raise UsageError(f"answers.{name}.answer: {verb!r} is none of {', '.join(_VERBS)}" + _or(nearest(verb, _VERBS)))
    if after is None:
        raise UsageError(f"answers.{name}.after: write 30m, 8h or 3d")
    return Usual(verb, int(after[1]) * _SECONDS[after[2]])


def _or(hint: str) -> str:
    return f"; did you mean {hint!r}?" if hint else ""
