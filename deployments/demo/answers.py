"""What the demo's people answer: each has habits, and answers the same question about the same client alike."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass

_KINDS = ("first", "periodic", "urgent")
_EXECUTORS = ("egor", "timur")
_SLOTS = ("2026-11-19 10:00", "2026-11-19 14:00", "2026-11-20 11:00", "2026-11-23 09:30")


@dataclass(frozen=True, slots=True)
class Answer:
    """The words of a reply and the names of the files it carries."""

    text: str
    documents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Question:
    """A letter that may ask for something; `habit` is a number of 0 … 99 that belongs to its subject matter."""

    to: str
    subject: str
    text: str

    @property
    def habit(self) -> int:
        about = self.find(r"Клиент: (.+?)(?:, счёт.*)?$") or self.find(r"\): ([^\n]+?)\.$") or self.subject[11:]
        return zlib.crc32(about.encode()) % 100

    def find(self, pattern: str) -> str:
        found = re.search(pattern, self.text, re.MULTILINE)
        return found[1] if found else ""


def choose_answer(wording: str, to: str, subject: str, text: str) -> Answer | None:
    """The answer to a letter of `wording`; None when its reader lets it lie, or nothing is asked."""
    habit = _HABITS.get(wording)
    return habit(_Question(to, subject, text)) if habit else None


def _qualify(question: _Question) -> Answer | None:
    """A manager looks at a lead: half are work at once, some are only taken, some are junk, some are forgotten."""
    habit = question.habit
    if habit < 10:
        return None
    if habit < 20:
        return Answer("спам")
    if habit < 55:
        return Answer("беру")
    lines = ["квалифицирован", f"вид: {_KINDS[habit % 3]}", "диспетчер: daria"]
    if habit % 2:
        domain = question.find(r"^Почта: \S+@([\w-]+)")
        lines += [f"компания: ООО «{domain.title()}»"] if domain else []
    return Answer("\n".join(lines))


def _fill_order(question: _Question) -> Answer:
    """The dispatcher agrees the positions with the client, names who comes and when."""
    keys = re.findall(r"^  ([a-z][\w-]*): ", question.text, re.MULTILINE)
    habit = question.habit
    chosen = [keys[habit % len(keys)], keys[(habit * 7 + 3) % len(keys)]]
    lines = [f"позиция: {key} x {1 + habit % 2}" for key in dict.fromkeys(chosen)]
    if habit % 4 == 0:
        lines.append("позиция: выезд за город = 1500 x 1")
    return Answer(
        "\n".join([*lines, f"исполнитель: {_EXECUTORS[habit % 2]}", f"время: {_SLOTS[habit % len(_SLOTS)]}", "готово"])
    )


def _confirm_time(question: _Question) -> Answer | None:
    """Everybody agrees, but for a few clients who do not read their mail today."""
    is_silent = zlib.crc32(question.to.encode()) % 7 == 0 and not question.to.endswith("@north-service.example")
    return None if is_silent else Answer("Да, подходит" if "Ответьте, пожалуйста" in question.text else "да")


def _approve(question: _Question) -> Answer:
    """The manager turns one order in eight down; the dispatcher approves what she planned."""
    is_manager = question.to.startswith(("mikhail", "maria"))
    return Answer("отклонить: нужна предоплата") if is_manager and question.habit % 8 == 3 else Answer("да")


def _hand_over(question: _Question) -> Answer:
    """The executor sends the documents; names say what each one is."""
    return Answer("готово, документы приложены", ("Акт выполненных работ.pdf", "Счёт.pdf", "Договор.pdf"))


def _pay(question: _Question) -> Answer | None:
    """Most clients pay at once."""
    return None if question.habit % 5 == 0 else Answer("оплачено")


def _say(text: str) -> Callable[[_Question], Answer | None]:
    return lambda _question: Answer(text)


_HABITS: dict[str, Callable[[_Question], Answer | None]] = {
    "lead_new": _qualify,
    "work_conduct": _say("беру"),
    "work_price": _fill_order,
    "work_time_agreed": _confirm_time,
    "work_approval": _approve,
    "deal_declined": lambda question: (
        Answer("отменить: клиент не согласен на предоплату") if question.to.startswith(("mikhail", "maria")) else None
    ),
    "work_papers": _hand_over,
    "deal_close_asked": _say("готово"),
    "work_payment": _pay,
}
ASKING = frozenset(_HABITS)
