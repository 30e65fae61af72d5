"""What an answer by mail says: a word the office understands, with `field: value` lines; anything else is a letter.

Careful on purpose: "yes" counts only when nothing but greetings, politeness and a signature stands beside it. What a
person must interpret ("yes, but …") gives None.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Literal

ReplyVerb = Literal["take", "done", "yes", "no", "junk", "spam", "good", "qualified", "paid", "cancel", "lose", "start"]


@dataclass(frozen=True, slots=True)
class Position:
    """One row of the order: a price-list key or title, or free words with their own price."""

    text: str
    quantity: Decimal
    price: Decimal | None


@dataclass(frozen=True, slots=True)
class ReplyCommand:
    """A verb (or '' when only fields were given), its reason, known fields by name, positions, and other fields."""

    verb: ReplyVerb | Literal[""]
    reason: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    positions: tuple[Position, ...] = ()
    others: tuple[tuple[str, str], ...] = ()
    problems: tuple[str, ...] = ()


_WORDS: dict[ReplyVerb, str] = {
    "take": "беру|беру в работу|взял|взяла|взял в работу|взяла в работу|в работу|в работе|принял|приняла|приступаю"
    "|приступил|приступила|начал|начала|take|taken|i take it|taking it|on it|in work|started",
    "done": "готово|сделано|выполнено|закрыто|завершено|закрываю|закрыть|готов|готова|done|finished|completed|ready"
    "|close|closed",
    "yes": "да|подтверждаю|согласен|согласна|согласовано|согласовываю|одобряю|одобрено|утверждаю|ок|окей|хорошо"
    "|yes|approve|approved|confirm|confirmed|i confirm|agree|agreed|i agree|ok|okay",
    "no": "нет|отклонить|отклоняю|отклонено|не согласен|не согласна|не подтверждаю|не подходит|против|отказ|no"
    "|decline|declined|reject|rejected|disagree",
    "junk": "мусор|не лид|не клиент|junk|no lead",
    "spam": "спам|это спам|spam|it is spam",
    "good": "не спам|это не спам|not spam|no spam|it is not spam",
    "qualified": "квалифицирован|квалифицирована|квалифицировано|квалификация|qualified|qualify",
    "paid": "оплачено|оплата получена|оплата поступила|деньги пришли|paid|payment received",
    "cancel": "отменить|отмена|отменяю|отменено|cancel|cancelled",
    "lose": "потерян|потеряно|потеряли|lost",
    "start": "старт|начать|запустить|запускаю|start",
}
_PHRASES = {phrase: verb for verb, phrases in _WORDS.items() for phrase in phrases.split("|")}
_WITH_REASON = ("no", "cancel", "lose", "junk", "spam")
_FIELDS = {
    alias: field
    for field, aliases in {
        "kind": "вид|тип|kind|type",
        "dispatcher": "диспетчер|dispatcher",
        "executor": "исполнитель|мастер|executor",
        "work_at": "время|дата|когда|время работ|time|date|when",
        "position": "позиция|услуга|position|item|line",
        "company": "компания|организация|фирма|company",
        "name": "имя|фио|контакт|клиент|name|contact|client",
        "phone": "телефон|phone",
        "mail": "почта|e-mail|email|mail",
        "title": "тема|задача|title|subject",
        "reason": "причина|reason",
        "extra_documents": "документы|еще документы|documents",
    }.items()
    for alias in aliases.split("|")
}
_POLITE_WORDS = """спасибо пожалуйста большое все конечно точно время подходит устраивает нас меня вас мы я документы
во вложении прилагаю приложил приложила приложены приложен прикрепил прикрепила прикреплены
направляю отправляю акт счет договор файлы и в на это работу работа заказ отлично принято буду
thanks thank you please sure of course the time suits us me documents attached files and it is all great"""
_POLITE = frozenset(_POLITE_WORDS.split())
_GREETING = re.compile(
    r"(здравствуйте|добрый (день|вечер)|доброе утро|доброго дня|привет|hello|hi|good (morning|afternoon|day)|dear)"
    r"\b.{0,40}"
)
_CLOSING = re.compile(r"(с уважением|всего доброго|хорошего дня|best regards|kind regards|regards|sincerely)\b.*|--\s*")
_FIELD_LINE = re.compile(r"\s*[-•*]?\s*([A-Za-zА-Яа-яЁё][A-Za-zА-Яа-яЁё\- ]{0,30}?)\s*[:=]\s*(.*\S)\s*")
_REASON_LINE = re.compile(r"\s*([^:—–]+?)\s*(?:[:—–]|\s-\s)\s*(.*)")
_POSITION = re.compile(
    r"(?P<text>.+?)"
    r"(?:\s*=\s*(?P<price>\d[\d\s]*(?:[.,]\d{1,2})?)\s*(?:₽|руб\.?|rub)?)?"
    r"(?:\s+[xх×*]\s*(?P<quantity>\d+(?:[.,]\d{1,3})?))?\s*",  # the second x is Cyrillic
    re.IGNORECASE,
)


def interpret(text: str, asked: frozenset[str] = frozenset()) -> ReplyCommand | None:
    """The command in the visible text of a reply (quotes taken off before); None when a person must read it.

    `asked` are names of questions that were put: an answer to one of them alone is a command too ('*': to any).
    """
    lines = _spoken_lines(text)
    fields: list[tuple[str, str]] = []
    others: list[tuple[str, str]] = []
    spoken: list[str] = []
    for line in lines:
        match = _FIELD_LINE.fullmatch(line)
        key = _plain(match[1]) if match else ""
        if match is None or key in _PHRASES:
            spoken.append(line)
        else:
            (fields if key in _FIELDS else others).append((_FIELDS.get(key, match[1].strip()), match[2]))
    verb, reason = _verb(spoken)
    is_answer = bool(fields) or ("*" in asked and bool(others)) or any(_plain(n) in asked for n, _ in others)
    if verb is None or not (verb or is_answer):
        return None
    positions, problems = _positions([value for field, value in fields if field == "position"])
    said = [value for field, value in fields if field == "reason"]
    kept = tuple((field, value) for field, value in fields if field not in ("position", "reason"))
    return ReplyCommand(verb, reason or " ".join(said), kept, positions, tuple(others), problems)


def document_kind(file_name: str) -> str | None:
    """act, invoice or contract by a word of the file's name; None for another file."""
    name = file_name.lower().replace("ё", "е")
    for kind, words in _DOCUMENT_WORDS.items():
        if re.search(rf"(?<![a-zа-я])(?:{words})(?![a-zа-я])", name):
            return kind
    return None


_DOCUMENT_WORDS = {
    "act": "акты?|act|acts",
    "invoice": "счет|счета|счет-фактура|инвойс|invoice|bill",
    "contract": "договор|контракт|contract|agreement",
}


def _spoken_lines(text: str) -> list[str]:
    found: list[str] = []
    for line in text.replace("\r", "").split("\n"):
        plain = line.strip().lower()
        if _CLOSING.fullmatch(plain):
            break
        if plain and not plain.startswith(">") and not _GREETING.fullmatch(plain):
            found.append(line.strip())
    return found


def _plain(text: str) -> str:
    return re.sub(r"[\s!.,;:)+]+", " ", text.lower().replace("ё", "е")).strip()


def _verb(spoken: list[str]) -> tuple[ReplyVerb | Literal[""] | None, str]:
    """The verb and reason of the lines that are no fields; '' when there is no such line, None when it is a letter."""
    if not spoken:
        return "", ""
    first, rest = spoken[0], "\n".join(spoken[1:])
    if not rest and first.strip() in ("+", "👍"):
        return "yes", ""
    verb = _polite_verb(_plain(first))
    if verb and all(_is_polite(line) for line in spoken[1:]):
        return verb, ""
    if verb in _WITH_REASON:
        return verb, rest
    match = _REASON_LINE.fullmatch(first)
    verb = _PHRASES.get(_plain(match[1])) if match else None
    if match and verb in _WITH_REASON:
        return verb, "\n".join(part for part in (match[2].strip(), rest) if part)
    return None, ""


def _polite_verb(line: str) -> ReplyVerb | None:
    """The one verb of a line made of verb words and politeness only."""
    words = line.split()
    for length in range(min(len(words), 4), 0, -1):
        verb = _PHRASES.get(" ".join(words[:length]))
        if verb:
            rest = " ".join(words[length:])
            return verb if not rest or _is_polite(rest) or _polite_verb(rest) == verb else None
    return None


def _is_polite(line: str) -> bool:
    return all(word in _POLITE for word in _plain(line).split())


def _positions(values: list[str]) -> tuple[tuple[Position, ...], tuple[str, ...]]:
    found: list[Position] = []
    problems: list[str] = []
    for value in values:
        match = _POSITION.fullmatch(value)
        try:
            quantity = _number(match["quantity"] or "1") if match else Decimal(0)
            price = _number(match["price"]) if match and match["price"] else None
        except InvalidOperation:
            quantity, price = Decimal(0), None
        if match is None or quantity <= 0:
            problems.append(value)
        else:
            found.append(Position(match["text"].strip(), quantity, price))
    return tuple(found), tuple(problems)


def _number(text: str) -> Decimal:
    return Decimal(re.sub(r"\s", "", text).replace(",", "."))
