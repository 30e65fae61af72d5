"""Differences between the record and its replay, in words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tasks.rules.process_tools.proof import Mismatch

_SHOWN_CHARS = 240
_WORDS: Mapping[str, tuple[str, str]] = {
    "no_definition": ("this version of the process is not kept", "эта версия процесса не сохранена"),
    "no_beginning": ("the record begins in the middle of the item", "запись начинается с середины"),
    "clock": ("another clock was due", "наступал другой срок"),
    "clock_before": ("a clock was due before this event", "срок наступал раньше этого события"),
    "decisions": ("other decisions come out", "решения получаются другие"),
    "item": ("the stored item differs from the replayed one", "сохранённое состояние не совпадает"),
}
EXACT = {
    "en": "reproduced exactly: {items} items, {events} events",
    "ru": "воспроизведено точно: процессов {items}, событий {events}",
}


def mismatch_row(mismatch: Mismatch, language: str) -> dict[str, str]:
    """One difference as a row of a table."""
    return {
        "item": str(mismatch.item_id),
        "at": f"{mismatch.at:%Y-%m-%d %H:%M:%S}Z",
        "event": mismatch.key,
        "what": _WORDS[mismatch.kind][language == "ru"],
        "recorded": _shown(mismatch.recorded),
        "replayed": _shown(mismatch.replayed),
    }


def mismatch_line(mismatch: Mismatch, language: str) -> str:
    """One difference as a line."""
    row = mismatch_row(mismatch, language)
    return f"#{row['item']} {row['at']} {row['event']}: {row['what']}: {row['recorded']}  ⇒  {row['replayed']}"


def _shown(parts: tuple[Any, ...]) -> str:
    text = "; ".join(part if isinstance(part, str) else json.dumps(part, ensure_ascii=False) for part in parts)
    return text if len(text) <= _SHOWN_CHARS else f"{text[:_SHOWN_CHARS]}…"
