"""What a command would do, and what happened, in words for people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tasks.rules.door.board import stage_title
from tasks.rules.process.decisions import (
    AskWork,
    Decision,
    MakeDocument,
    Move,
    Notify,
    SetField,
    StartProcess,
    Withdraw,
)
from tasks.rules.process.definition import Definition
from tasks.rules.process.words import fill, said, shown

Namer = Callable[[str], str]
_WORDS: Mapping[str, tuple[str, str]] = {
    "move": ("переходит: {to}", "goes to: {to}"),
    "ask": ("поручает: {who}, {what}", "asks {who}: {what}"),
    "tell": ("сообщает: {who}", "tells {who}"),
    "start": ("запускает процесс: {what}", "starts the process {what}"),
    "make": ("выпускает: {what}", "issues: {what}"),
    "withdraw": ("снимает: {who}, {what}", "takes back from {who}: {what}"),
    "set": ("записывает: {what}", "writes: {what}"),
}
_HAPPENED: Mapping[str, tuple[str, str]] = {
    "item.begun": ("начато", "begun"),
    "item.command": ("{name}", "{name}"),
    "item.fact": ("{name}", "{name}"),
    "item.clock": ("наступил срок", "a time came"),
    "item.moved": ("этап: {target}", "stage: {target}"),
    "item.set": ("записано: {field}", "written: {field}"),
    "item.status": ("статус изменён", "status changed"),
    "item.held": ("остановлено до решения человека", "stopped until a person decides"),
    "item.released": ("снова идёт", "goes on"),
    "work.asked": ("поручено: {work}, {owner}", "asked: {work}, {owner}"),
    "work.begun": ("приступил: {work}", "started: {work}"),
    "work.overdue": ("просрочено: {work}", "overdue: {work}"),
    "work.closed": ("{state}: {work}", "{state}: {work}"),
    "work.decided": ("{state}: {work}, итог", "{state}: {work}, in all"),
    "work.withdrawn": ("снято: {work}", "taken back: {work}"),
    "work.reassigned": ("передано: {work}, {owner}", "handed over: {work}, {owner}"),
    "invoice.issued": ("выпущен счёт {number}", "invoice {number} issued"),
    "act.issued": ("выпущен акт {number}", "act {number} issued"),
    "order.issued": ("выпущен заказ {number}", "order {number} issued"),
    "incident": ("нарушение: {what}", "incident: {what}"),
    "refused": ("отказано: {name}", "refused: {name}"),
    "reply": ("ответ по почте", "an answer by mail"),
    "calendar.planned": ("внесено в календарь", "put into the calendar"),
    "promise.taken_back": ("обещание отозвано", "a promise taken back"),
    "event.late": ("пришло с опозданием", "came late"),
}
_VERBS: Mapping[str, tuple[str, str]] = {
    "begin": ("приступить", "begin"),
    "done": ("сделано", "done"),
    "approve": ("согласовать", "approve"),
    "decline": ("отклонить", "decline"),
    "changed": ("поля изменены", "fields changed"),
    "opened": ("открыто", "opened"),
    "pick": ("выбрать другое время", "choose another time"),
    "submit": ("отправить на согласование", "submit"),
    "correct": ("исправить", "correct"),
    "accept": ("принять", "accept"),
    "object": ("возразить", "object"),
    "withdraw": ("отозвать", "withdraw"),
    "lose": ("отметить потерянным", "mark as lost"),
    "client_answered": ("клиент ответил", "the client has answered"),
}


def command_title(name: str, language: str) -> str:
    """A command or verb as a button says it."""
    words = _in(_VERBS[name], language) if name in _VERBS else shown(name, language).replace("_", " ")
    return words[:1].upper() + words[1:]


def effects(definition: Definition, decisions: Iterable[Decision], language: str, named: Namer) -> list[str]:
    """What an accepted command would do, each once, in the order of happening; `named` gives refs their names."""
    lines = [_effect(definition, one, language, named) for one in decisions]
    return list(dict.fromkeys(line for line in lines if line))


def _effect(definition: Definition, decision: Decision, language: str, named: Namer) -> str:
    match decision:
        case Move(target=target, status=status):
            return _say("move", language, to=stage_words(status, target, language))
        case AskWork(owed=owed):
            return _say("ask", language, who=named(owed.owner), what=shown(owed.name, language))
        case Notify(to=to, is_collapsed=False):
            return _say("tell", language, who=named(to))
        case StartProcess(process=process):
            return _say("start", language, what=process.replace("_", " "))
        case MakeDocument(make=make):
            return _say("make", language, what=shown(make, language))
        case Withdraw(owed=owed, is_vote_void=False):
            return _say("withdraw", language, who=named(owed.owner), what=shown(owed.name, language))
        case SetField(field=field) if field in definition.fields:
            return _say("set", language, what=shown(field, language))
        case _:
            return ""


def stage_words(status: Mapping[str, str], name: str, language: str) -> str:
    """A stage by its status, without the places that differ from item to item."""
    return stage_title(said(status, language), name) if status else name.replace("_", " ")


def happened(definition: Definition, kind: str, data: Mapping[str, Any], language: str, named: Namer) -> str:
    """An event of an item's record in words; one of a kind without words of its own shows its kind."""
    if kind not in _HAPPENED:
        return kind.replace(".", ": ").replace("_", " ")
    owner = str(data.get("owner") or data.get("to") or "")
    places = {
        "name": command_title(str(data.get("name", "")), language).lower(),
        "work": shown(str(data.get("name") or data.get("work") or ""), language),
        "state": shown(str(data.get("state", "")), language),
        "owner": named(owner) if owner else "",
        "target": _stage(definition, str(data.get("to") or ""), language),
        "field": shown(str(data.get("field", "")), language),
        "number": str(data.get("number", "")),
        "what": str(data.get("what", "")),
    }
    return fill({"": _in(_HAPPENED[kind], language)}, language, places)


def _stage(definition: Definition, name: str, language: str) -> str:
    part = definition.stages.get(name)
    return stage_words(part.status, name, language) if part else name.replace("_", " ")


def _say(key: str, language: str, **places: str) -> str:
    return _in(_WORDS[key], language).format(**places)


def _in(pair: tuple[str, str], language: str) -> str:
    return pair[0] if language == "ru" else pair[1]
