"""The balance of every source as a person and a script read it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tasks.rules.audit_words import said
from tasks.rules.balance import SourceBalance
from tasks.rules.text_table import text_table

_COUNTS = ("seen", "settled", "quarantined", "ignored", "waiting", "gone", "passed_over")
_WORDS: dict[str, dict[str, str]] = {
    "en": {
        "source": "source",
        "seen": "seen",
        "settled": "settled",
        "quarantined": "quarantined",
        "ignored": "ignored",
        "waiting": "waiting",
        "gone": "gone from server",
        "passed_over": "passed over",
        "differences": "differences",
        "even": "Everything adds up.",
        "uneven": "{count} difference(s):",
        "none": "There is no source: no active mailbox, and no call log was read.",
    },
    "ru": {
        "source": "источник",
        "seen": "увидено",
        "settled": "разобрано",
        "quarantined": "в карантине",
        "ignored": "пропущено",
        "waiting": "ждёт разбора",
        "gone": "убрано с сервера",
        "passed_over": "старое, не бралось",
        "differences": "расхождений",
        "even": "Всё сходится.",
        "uneven": "Расхождений: {count}",
        "none": "Источников нет: ни одного действующего ящика, ни одного прочитанного журнала звонков.",
    },
}


def balance_lines(balances: Sequence[SourceBalance], language: str) -> list[str]:
    """A table of all sources, and below it every difference: source, key (folder's UID, intake id or line), what."""
    words = _WORDS[language]
    if not balances:
        return [words["none"]]
    head = [words[name] for name in ("source", *_COUNTS, "differences")]
    rows = [(one.source, *_counts(one).values(), len(one.differences)) for one in balances]
    found = [(d.source, d.key, said(d, language)) for one in balances for d in one.differences]
    verdict = words["uneven"].format(count=len(found)) if found else words["even"]
    return [*text_table(head, rows), "", verdict, *(f"  {source}  {key}  {what}" for source, key, what in found)]


def balance_json(balances: Sequence[SourceBalance]) -> dict[str, Any]:
    """The same for a script."""
    return {
        "is_balanced": all(one.is_balanced for one in balances),
        "sources": [{"source": one.source, **_counts(one), "is_balanced": one.is_balanced} for one in balances],
        "differences": [
            {"source": d.source, "key": d.key, "wrong": d.wrong, "detail": d.detail}
            for one in balances
            for d in one.differences
        ],
    }


def _counts(balance: SourceBalance) -> dict[str, int]:
    return {name: getattr(balance, name) for name in _COUNTS}
