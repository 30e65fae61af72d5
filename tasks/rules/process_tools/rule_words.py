"""A process file's parts in words, Russian or English: triggers, conditions, actions, whole rules.

The parts are raw (as parsed), so that also a version that today's grammar would refuse can be put into words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_SPAN = re.compile(r"(\d+)([mhd])( working)?")
TRIGGERS = ("event", "work", "changed", "after", "as_soon_as")
_WORDS: Mapping[str, tuple[str, str]] = {
    "event": ("on “{}”", "по «{}»"),
    "overdue": ("when the stage is late", "когда этап опаздывает"),
    "work": ("when the work {}", "когда работа {}"),
    "changed": ("when {} changes", "когда меняется {}"),
    "after": ("{} after the entry", "через {} после входа"),
    "days": ("{} days", "{} дн."),
    "hours": ("{} h", "{} ч"),
    "minutes": ("{} min", "{} мин"),
    "working days": ("{} working days", "{} раб. дн."),
    "working hours": ("{} working h", "{} раб. ч"),
    "working minutes": ("{} working min", "{} раб. мин"),
    "begun": ("begun", "начато"),
    "done": ("done", "готово"),
    "approved": ("approved", "согласовано"),
    "declined": ("declined", "отклонено"),
    "late": ("overdue", "просрочено"),
    "won": ("won", "успех"),
    "lost": ("lost", "неудача"),
    "cancelled": ("cancelled", "отмена"),
    "every": ("then every {}", "затем каждые {}"),
    "times": ("{} times", "{} раз"),
    "as_soon_as": ("as soon as {}", "как только {}"),
    "if": ("if {}", "если {}"),
    "by": ("by {}", "кто: {}"),
    "to": ("→ {}", "→ {}"),
    "say": ("says “{}”", "говорит «{}»"),
    "nothing": ("nothing", "ничего"),
    "ask": ("ask for {}", "поручить {}"),
    "withdraw": ("take back {}", "отозвать {}"),
    "status": ("status “{}”", "статус «{}»"),
    "notify": ("tell {}: “{}”", "сообщить {}: «{}»"),
    "assign": ("assign {} from {}", "назначить {} из {}"),
    "start": ("start the process {}", "запустить процесс {}"),
    "calendar": ("calendar event for {} at {}", "событие в календарь {} на {}"),
    "incident": ("incident on {}: {}", "инцидент на {}: {}"),
    "document": ("make {}", "сделать {}"),
    "set": ("{} = {}", "{} = {}"),
    "add": ("{} + {}", "{} + {}"),
    "empty": ("{} = empty", "{} = пусто"),
    "all": (" and ", " и "),
    "any": (" or ", " или "),
    "not": ("not ({})", "не ({})"),
    "is": ("{} is {}", "{} = {}"),
    "is_not": ("{} is not {}", "{} ≠ {}"),
    "in": ("{} is one of {}", "{} одно из {}"),
    "above": ("{} > {}", "{} > {}"),
    "below": ("{} < {}", "{} < {}"),
    "at_least": ("{} ≥ {}", "{} ≥ {}"),
    "at_most": ("{} ≤ {}", "{} ≤ {}"),
    "has": ("{} has {}", "{} содержит {}"),
    "covers": ("{} covers {}", "{} покрывает {}"),
    "filled": ("{} is filled", "{} заполнено"),
    "unfilled": ("{} is empty", "{} пусто"),
}


def say(key: str, language: str, *values: object) -> str:
    """One phrase of this module in a language."""
    english, russian = _WORDS[key]
    return (russian if language == "ru" else english).format(*values)


def text_words(text: Any, language: str) -> str:
    """A text of the file in the language, else in whichever it has."""
    if isinstance(text, Mapping):
        return str(text.get(language) or next(iter(text.values()), ""))
    return "" if text is None else str(text)


def trigger_of(rule: Mapping[str, Any]) -> tuple[str, Any]:
    """The kind of a rule's trigger and what it says; ('', None) when it has none."""
    return next(((kind, rule[kind]) for kind in TRIGGERS if kind in rule), ("", None))


def rule_words(rule: Any, language: str) -> str:
    """The whole rule: 'on “start”, by manager, if dispatcher is filled: tell dispatcher: “…”; → planning'."""
    if not isinstance(rule, Mapping):
        return str(rule)
    head = [trigger_words(rule, language)]
    if rule.get("by"):
        head.append(say("by", language, _listed(rule["by"])))
    if rule.get("if"):
        head.append(say("if", language, condition_words(rule["if"], language)))
    acts = [action_words(action, language) for action in _rows(rule.get("do"))]
    if rule.get("to"):
        acts.append(say("to", language, rule["to"]))
    return f"{', '.join(head)}: {'; '.join(acts) or say('nothing', language)}"


def trigger_words(rule: Mapping[str, Any], language: str) -> str:
    """What wakes the rule."""
    kind, value = trigger_of(rule)
    if kind == "event":
        return say("overdue", language) if value == "overdue" else say("event", language, value)
    if kind == "changed":
        return say("changed", language, _listed(value))
    if kind == "as_soon_as":
        return say("as_soon_as", language, condition_words(value, language))
    if kind == "work":
        return say("work", language, work_words(value, language))
    if kind != "after":
        return "?"
    words = [say("after", language, span_words(value, language))]
    if "every" in rule:
        words.append(say("every", language, span_words(rule["every"], language)))
    if "times" in rule:
        words.append(say("times", language, rule["times"]))
    return ", ".join(words)


def work_words(value: Any, language: str) -> str:
    """'price done' in the language: the name stays, the verb is said."""
    name, _, verb = str(value).partition(" ")
    known = {"overdue": "late"}.get(verb, verb)
    return f"{name}: {say(known, language)}" if known in _WORDS else str(value)


def span_words(value: Any, language: str) -> str:
    """'3d working' as '3 working days', '8h' as '8 h'; what is no span stays as it is."""
    match = _SPAN.fullmatch(str(value))
    if not match:
        return str(value)
    unit = {"m": "minutes", "h": "hours", "d": "days"}[match[2]]
    return say(f"working {unit}" if match[3] else unit, language, match[1])


def condition_words(condition: Any, language: str) -> str:
    """A condition; several keys are joined by 'and'."""
    if not isinstance(condition, Mapping):
        return str(condition)
    return say("all", language).join(_part_words(str(key), value, language) for key, value in condition.items())


def _part_words(key: str, value: Any, language: str) -> str:
    if key in ("all", "any"):
        parts = [condition_words(part, language) for part in _rows(value)]
        joined = say(key, language).join(parts)
        return f"({joined})" if len(parts) > 1 else joined
    if key == "not":
        return say("not", language, condition_words(value, language))
    tests = value.items() if isinstance(value, Mapping) else (("is", value),)
    return say("all", language).join(_test_words(key, operator, wanted, language) for operator, wanted in tests)


def _test_words(name: str, operator: str, wanted: Any, language: str) -> str:
    if operator == "filled" or (operator == "is" and wanted is None):
        return say("filled" if operator == "filled" and wanted else "unfilled", language, name)
    shown = _listed(wanted)
    return say(operator, language, name, shown) if operator in _WORDS else f"{name} {operator} {shown}"


def action_words(action: Any, language: str) -> str:
    """One action."""
    if not isinstance(action, Mapping) or len(action) != 1:
        return str(action)
    ((kind, value),) = action.items()
    parts = value if isinstance(value, Mapping) else {}
    if kind == "set":
        return ", ".join(_set_words(name, wanted, language) for name, wanted in parts.items())
    said: Mapping[str, tuple[object, ...]] = {
        "ask": (value,),
        "withdraw": (value,),
        "status": (text_words(value, language),),
        "notify": (_listed(parts.get("to")), text_words(parts.get("text"), language)),
        "assign": (parts.get("field"), _listed(parts.get("from"))),
        "start": (parts.get("process"),),
        "calendar": (parts.get("who"), parts.get("at")),
        "incident": (parts.get("on"), text_words(parts.get("what"), language)),
        "document": (parts.get("make"),),
    }
    return say(kind, language, *said[kind]) if kind in said else str(dict(action))


def _set_words(name: str, wanted: Any, language: str) -> str:
    if isinstance(wanted, Mapping) and "add" in wanted:
        return say("add", language, name, wanted["add"])
    return say("empty", language, name) if wanted is None else say("set", language, name, text_words(wanted, language))


def _listed(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _rows(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
