"""Saying in words what a rule or an action would do: beside a button, in a diagram, in a comparison of two files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tasks.rules.process.actions import (
    Action,
    Ask,
    AssignPerson,
    MakePaper,
    PutInCalendar,
    Reference,
    SetStatus,
    SetValue,
    Span,
    Start,
    Tell,
    WithdrawWork,
    WriteIncident,
)
from tasks.rules.process.definition import Rule, Trigger
from tasks.rules.process.word_tables import CODES, FIELDS, STATES
from tasks.rules.process.words import said, shown

_UNITS = ((86400, ("дн.", "d")), (3600, ("ч", "h")), (60, ("мин", "m")))


def describe(part: Rule | Action, language: str) -> str:
    """What the rule or the action does, in one line."""
    if isinstance(part, Rule):
        words = [describe(action, language) for action in part.do]
        if part.to:
            words.append(_say(language, f"этап → {_word(part.to, language)}", f"stage → {_word(part.to, language)}"))
        return "; ".join(words)
    return _DESCRIBERS[type(part)](part, language)


def describe_trigger(trigger: Trigger, language: str) -> str:
    """What wakes a rule."""
    if trigger.kind == "event":
        is_deadline = trigger.name == "overdue"
        return (
            _say(language, "срок этапа вышел", "the stage is overdue") if is_deadline else _word(trigger.name, language)
        )
    if trigger.kind == "work":
        return f"{_word(trigger.name, language)}: {shown(trigger.verb, language)}"
    if trigger.kind == "changed":
        names = _all(trigger.fields, language)
        return _say(language, f"изменилось: {names}", f"changed: {names}")
    if trigger.kind == "as_soon_as":
        return _say(language, "как только условие выполнено", "as soon as the condition holds")
    return _after(trigger, language)


def _after(trigger: Trigger, language: str) -> str:
    words = _say(language, "через", "after") + " " + span_words(trigger.span or Span(0), language)
    if trigger.every:
        words += _say(language, ", затем каждые ", ", then every ") + span_words(trigger.every, language)
    if trigger.times:
        words += _say(language, f", всего {trigger.times}", f", {trigger.times} in all")
    return words


def span_words(span: Span, language: str) -> str:
    """A span as a person says it."""
    working = _say(language, " раб.", " working") if span.is_working else ""
    if span.working_days:
        return f"{span.working_days} {_say(language, 'дн.', 'd')}{working}"
    seconds, unit = next((one for one in _UNITS if span.seconds % one[0] == 0), _UNITS[-1])
    return f"{span.seconds // seconds} {_say(language, *unit)}{working}"


def _say(language: str, russian: str, english: str) -> str:
    return russian if language == "ru" else english


def _word(name: str, language: str) -> str:
    for table in (FIELDS, STATES, CODES):
        if name in table:
            return _say(language, *table[name])
    return name.replace("_", " ")


def _all(names: Iterable[str], language: str) -> str:
    return ", ".join(_word(name, language) for name in names)


def _set(action: SetValue, language: str) -> str:
    name = _word(action.field, language)
    if action.is_addition:
        return f"{name} + {shown(action.value, language)}"
    if action.value is None:
        return _say(language, f"очистить: {name}", f"clear {name}")
    value = action.value
    words = _word(value.name, language) if isinstance(value, Reference) else shown(value, language)
    return f"{name} = {words}"


def _tell(action: Tell, language: str) -> str:
    to = _all(action.to, language)
    text = said(action.text, language) or action.wording
    return _say(language, f"сообщить ({to}): {text}", f"tell {to}: {text}")


def _start(action: Start, language: str) -> str:
    name = _word(action.process, language)
    waits = _say(language, ", и ждать конца", ", and wait for its end") if action.is_waiting else ""
    return _say(language, f"начать процесс: {name}", f"start the process {name}") + waits


_DESCRIBERS: Mapping[type, Callable[[Any, str], str]] = {
    Ask: lambda a, ru: _say(ru, f"поручить: {_word(a.work, ru)}", f"ask for {_word(a.work, ru)}"),
    WithdrawWork: lambda a, ru: _say(ru, f"снять: {_word(a.work, ru)}", f"withdraw {_word(a.work, ru)}"),
    SetValue: _set,
    SetStatus: lambda a, ru: _say(ru, f"статус: {said(a.text, ru)}", f"status: {said(a.text, ru)}"),
    Tell: _tell,
    AssignPerson: lambda a, ru: _say(
        ru,
        f"назначить ({_word(a.field, ru)}): {_all(a.roles, ru)}",
        f"assign {_word(a.field, ru)}: {_all(a.roles, ru)}",
    ),
    Start: _start,
    PutInCalendar: lambda a, ru: _say(
        ru,
        f"в календарь ({_word(a.who, ru)}): {said(a.title, ru)}",
        f"into the calendar of {_word(a.who, ru)}: {said(a.title, ru)}",
    ),
    WriteIncident: lambda a, ru: _say(
        ru, f"нарушение ({_word(a.on, ru)}): {a.what}", f"incident on {_word(a.on, ru)}: {a.what}"
    ),
    MakePaper: lambda a, ru: _say(ru, f"документ: {_word(a.make, ru)}", f"make the document {_word(a.make, ru)}"),
}
