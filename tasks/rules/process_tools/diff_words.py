"""Differences of two versions as lines for people: '+ stage paused: …', '~ rule of planning: …'."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tasks.rules.process_tools.diff import Change
from tasks.rules.process_tools.rule_words import action_words, condition_words, rule_words, text_words

_SIGNS = {"added": "+", "removed": "−", "changed": "~", "renamed": "~", "reordered": "~"}
_WORDS: Mapping[str, tuple[str, str]] = {
    "same": ("the two are the same", "они одинаковы"),
    "stages": ("stage {}", "этап {}"),
    "fields": ("field {}", "поле {}"),
    "work": ("work {}", "работа {}"),
    "rule_of": ("rule of {}", "правило этапа {}"),
    "rule_of_all": ("rule of every stage", "правило всех этапов"),
    "entering": ("on entering {}", "при входе в {}"),
    "now_called": ("{} is now called {}", "{} теперь называется {}"),
    "order_rules": ("the rules stand in another order", "правила стоят в другом порядке"),
    "order_actions": ("the actions stand in another order", "действия стоят в другом порядке"),
    "first_stage": ("the beginning", "начало"),
    "empty": ("nothing", "ничего"),
    "title": ("title", "название"),
    "entity": ("entity", "о чём процесс"),
    "rights": ("rights", "права"),
    "start_on": ("started by", "запускается от"),
    "needs": ("needs", "нужны поля"),
    "status": ("status", "статус"),
    "within": ("deadline", "срок"),
    "ends": ("ends", "завершает"),
    "type": ("type", "тип"),
    "options": ("options", "варианты"),
    "compute": ("computed", "вычисляется"),
    "required": ("required", "обязательно"),
    "kind": ("kind", "вид"),
    "who": ("who is asked", "кому поручается"),
    "watch": ("who watches", "кто наблюдает"),
    "need": ("how many must agree", "сколько голосов нужно"),
    "distinct": ("four eyes", "разные люди"),
    "due": ("due in", "срок"),
    "until": ("lasts", "длится"),
    "binds": ("binds", "привязано к"),
    "closed_by": ("closed by", "закрывает"),
    "close_if": ("can be closed if", "можно закрыть, если"),
    "say": ("says when refused", "говорит при отказе"),
}


def change_lines(changes: tuple[Change, ...], language: str) -> list[str]:
    """A line per difference; one line that says so when there is none."""
    return [f"{_SIGNS[one.sign]} {_words(one, language)}" for one in changes] or [_say("same", language)]


def changes_json(changes: tuple[Change, ...]) -> list[dict[str, Any]]:
    """The same for a script."""
    return [{"sign": one.sign, "place": list(one.place), "old": one.old, "new": one.new} for one in changes]


def _words(change: Change, language: str) -> str:
    place, last = change.place, change.place[-1]
    where = _where(place, language)
    if change.sign == "renamed":
        return f"{_say(place[0], language, '')}".strip() + f": {_say('now_called', language, change.old, change.new)}"
    if change.sign == "reordered":
        return f"{where}: {_say('order_rules' if last == 'rules' else 'order_actions', language)}"
    if last == "rules":
        return f"{where}: {_both(change, rule_words, language)}"
    if last == "enter":
        return f"{where}: {action_words(change.old or change.new, language)}"
    if len(place) == 2 and change.sign in ("added", "removed"):
        return f"{where}{_gist(place[0], change.old or change.new, language)}"
    return f"{where}: {_both(change, _value_words, language)}"


def _where(place: tuple[str, ...], language: str) -> str:
    if place == ("rules",):
        return _say("rule_of_all", language)
    if len(place) == 1:
        return _say(place[0], language)
    if place[2:] == ("rules",):
        return _say("rule_of", language, place[1])
    if place[2:] == ("enter",):
        return _say("entering", language, place[1])
    head = _say(place[0], language, place[1])
    return f"{head}, {_say(place[2], language)}" if len(place) > 2 else head


def _both(change: Change, words: Any, language: str) -> str:
    if change.sign == "added":
        return str(words(change.new, language))
    if change.sign == "removed":
        return str(words(change.old, language))
    return f"{words(change.old, language)}  ⇒  {words(change.new, language)}"


def _gist(section: str, part: Any, language: str) -> str:
    """A few words about a part that came or went as a whole."""
    if not isinstance(part, Mapping):
        return ""
    key = {"stages": "status", "work": "title", "fields": "type"}.get(section, "")
    words = text_words(part.get(key), language)
    return f": {words}" if words else ""


def _value_words(value: Any, language: str) -> str:
    if value is None:
        return _say("empty", language)
    if isinstance(value, list):
        return ", ".join(_value_words(one, language) for one in value)
    if not isinstance(value, Mapping):
        return str(value)
    if value and set(value) <= {"ru", "en"}:
        return text_words(value, language)
    if any(isinstance(part, Mapping) for part in value.values()) and "if" not in value:
        return condition_words(value, language)
    return ", ".join(f"{key}: {_value_words(part, language)}" for key, part in value.items())


def _say(key: str, language: str, *values: object) -> str:
    if key not in _WORDS:
        return key
    english, russian = _WORDS[key]
    return (russian if language == "ru" else english).format(*values)
