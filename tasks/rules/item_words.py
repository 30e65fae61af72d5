"""An item's values as words for people, by the kinds of its fields."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from tasks.rules.process.definition import Definition
from tasks.rules.process.values import Line
from tasks.rules.process.words import fill as fill
from tasks.rules.process.words import shown

_FILE_HASH = re.compile(r"[0-9a-f]{64}")
_HASH_CHARS = 8
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?[+-]\d\d:\d\d$")


def kind_word(code: str, language: str) -> str:
    """A kind of document or of order as a word; a code without a word stays."""
    return shown(code, language)


def is_file_hash(value: Any) -> bool:
    """Whether a field's value is what files are kept by: the SHA-256 of the content, in hexadecimal."""
    return isinstance(value, str) and _FILE_HASH.fullmatch(value) is not None


def reason_field(definition: Definition) -> str:
    """The field that keeps why somebody declined: `reason`, else `note`; '' where the process asks for neither."""
    return next((name for name in ("reason", "note") if name in definition.fields), "")


def shown_values(
    definition: Definition,
    values: Mapping[str, Any],
    names: Mapping[str, str],
    language: str,
    zone: ZoneInfo,
    currency: str,
) -> dict[str, str]:
    """Every filled field as words; `names` gives persons and contacts by ref."""
    found = {}
    for name, part in definition.fields.items():
        value = values.get(name)
        if value is None:
            continue
        if part.type in ("person", "contact"):
            found[name] = names.get(str(value), str(value))
        elif part.type == "time":
            found[name] = f"{datetime.fromisoformat(str(value)).astimezone(zone):%d.%m.%Y %H:%M}"
        elif part.type == "money" and isinstance(value, Decimal):
            found[name] = money_words(value, language) + f"\u00a0{currency}"
        elif part.type == "file":
            # enough to tell one version from another in a letter's subject
            found[name] = str(value)[:_HASH_CHARS] if is_file_hash(value) else str(value)
        elif isinstance(value, tuple):
            found[name] = ", ".join(_one(one, language, zone) for one in value)
        else:
            found[name] = shown(value, language) if part.type in ("choice", "flag", "number", "date") else str(value)
    return found


def money_words(value: Decimal, language: str) -> str:
    """An amount with two decimals, thousands apart."""
    apart = f"{value:,.2f}".replace(",", "\u00a0")
    return apart.replace(".", ",") if language == "ru" else apart


def _one(value: Any, language: str, zone: ZoneInfo) -> str:
    if isinstance(value, Line):
        return value.title
    if isinstance(value, str) and _MOMENT.match(value):
        return f"{datetime.fromisoformat(value).astimezone(zone):%d.%m.%Y %H:%M}"
    return shown(value, language)
