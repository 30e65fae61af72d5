"""The names of columns in the configuration line of a telephone system, and those without which no leg can be read."""

from __future__ import annotations

import re

_PLACE = re.compile(r"\$\{(?:CSV_QUOTE\(\$\{)?(?:CDR\()?(\w+)[^${}]*\}?\)?\}?")
_HEAD = re.compile(r"^\s*(?:[\w./-]+\s*=>|(?:fields|columns)\s*=)\s*")
_NEEDED = {
    "asterisk": ("src", "dst", "start", "end", "duration", "billsec", "disposition"),
    "freeswitch_csv": ("caller_id_number", "destination_number", "start_stamp", "duration", "billsec", "uuid"),
    "3cx": ("time_start", "time_end", "duration", "from_no", "to_no", "from_dn", "to_dn"),
    "mango": (
        "records", "start", "finish", "answer", "from_extension", "from_number", "to_extension", "to_number",
        "disconnect_reason",
    ),
    "zadarma": ("call_id", "callstart", "clid", "destination", "disposition", "seconds"),
    "twilio": ("sid", "from", "to", "status", "direction", "start_time"),
}  # fmt: skip


def columns_of(mapping: str) -> tuple[str, ...]:
    """The columns' names, small letters and underscores, from the line of the configuration that names them.

    Understood are Asterisk's cdr_custom.conf (`Master.csv => ${CSV_QUOTE(${CDR(src)})},…`, `fields = src, dst`),
    FreeSWITCH's templates (`"${caller_id_number}","${start_stamp}"`) and plain lists (`records,start;finish`).
    """
    text = _HEAD.sub("", mapping.strip())
    if "${" in text:
        return tuple(match[1].casefold() for match in _PLACE.finditer(text))
    return tuple(_name(part) for part in re.split(r"[,;]", text) if part.strip())


def missing_columns(kind: str, mapping: str) -> tuple[str, ...]:
    """What a reader of this kind needs and the mapping does not name."""
    names = columns_of(mapping)
    return tuple(name for name in _NEEDED.get(kind, ()) if name not in names)


def _name(part: str) -> str:
    """'time-start' → 'time_start', 'uniqueid(noquote)' → 'uniqueid'; a literal in quotes keeps its place."""
    return re.sub(r"[\s-]+", "_", re.sub(r"\(.*?\)", "", part).strip().strip('"').strip()).casefold()
