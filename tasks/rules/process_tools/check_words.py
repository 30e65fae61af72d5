"""What checking a process found, in words and for a script."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tasks.rules.process.definition import Definition
from tasks.rules.process.words import explain
from tasks.rules.process_tools.findings import Finding, words_of
from tasks.rules.process_tools.orders import Trial

Path = tuple[str | int, ...]
Place = Callable[[Path], str]
_WORDS = {
    "order": (
        "the order decides: “{one}”, then “{other}” ends in {end}; the other way round in {other_end}",
        "исход зависит от порядка: «{one}», затем «{other}» — {end}; наоборот — {other_end}",
    ),
    "held": ("“{what}” holds the item for a person: {why}", "«{what}» останавливает до решения человека: {why}"),
    "stuck": (
        "items can get stuck in the stage {}: nothing that was tried led on to an end",
        "в этапе {} можно застрять: ничто из испытанного не ведёт к завершению",
    ),
    "not_entered": ("no trial came into the stage {}", "ни одно испытание не дошло до этапа {}"),
    "silent": ("no trial made this rule act", "ни одно испытание не привело это правило в действие"),
    "in_order": ("in order", "в порядке"),
    "tried": ("{states} situations tried, {steps} steps", "испытано положений: {states}, шагов: {steps}"),
    "cut": ("the trial was cut there: give more with --steps", "на этом испытание прервано: больше даст --steps"),
}


@dataclass(frozen=True, slots=True)
class Remark:
    """One line of a check: error or warning, where, and the words."""

    severity: str
    place: str
    words: str

    def line(self) -> str:
        """As it is printed."""
        return f"{self.place}: {self.severity}: {self.words}"


def remarks_of(
    definition: Definition, findings: tuple[Finding, ...], trial: Trial | None, place: Place, language: str
) -> list[Remark]:
    """Every finding and what the trial showed, errors first."""
    found = [Remark(one.severity, place(one.path), words_of(one, language)) for one in findings]
    if trial is not None:
        said = {(one.path, one.kind) for one in findings}
        found += _trial_remarks(definition, trial, place, language, said)
    return sorted(found, key=lambda remark: remark.severity != "error")


def _trial_remarks(
    definition: Definition, trial: Trial, place: Place, language: str, said: set[tuple[Any, str]]
) -> list[Remark]:
    found = []
    for order in trial.orders:
        words = _say("order", language, one=order.one, other=order.other, end=order.end, other_end=order.other_end)
        found.append(Remark("warning", place(("stages", order.stage)), words))
    for held in trial.held:
        why = "; ".join(explain(held.reasons, language))
        where: Path = ("stages", held.stage) if held.stage else ()
        found.append(Remark("warning", place(where), _say("held", language, what=held.what, why=why)))
    for stage in definition.stages:
        path: Path = ("stages", stage)
        if stage in trial.stuck and (path, "dead_end") not in said:
            found.append(Remark("warning", place(path), _say("stuck", language, stage)))
        if not trial.is_cut and stage not in trial.entered and (path, "never_entered") not in said:
            found.append(Remark("warning", place(path), _say("not_entered", language, stage)))
    for key in sorted(trial.silent):
        owner, _, number = key.rpartition(".")
        path = ("rules", int(number)) if owner == "rules" else ("stages", owner, "rules", int(number))
        is_dead = (("stages", owner), "never_entered") in said or owner not in {*trial.entered, "rules"}
        if not is_dead:
            found.append(Remark("warning", place(path), _say("silent", language)))
    return found


def trial_line(trial: Trial, language: str) -> str:
    """How much was tried."""
    said = _say("tried", language, states=trial.states, steps=trial.steps)
    return f"{said}; {_say('cut', language)}" if trial.is_cut else said


def in_order(language: str) -> str:
    """What is said when nothing was found."""
    return _say("in_order", language)


def _say(key: str, language: str, *values: object, **named: object) -> str:
    english, russian = _WORDS[key]
    return (russian if language == "ru" else english).format(*values, **named)
