"""Lines of a Master.csv as a PBX, a full disk, a spreadsheet or a bad trunk leave them, with what must come of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_UNIQUE_ID = "1767250800"  # 2026-01-01 10:00 in Moscow
_GOOD: Mapping[str, Any] = {
    "account": '""', "src": '"+79000000501"', "dst": '"101"', "context": '"from-trunk"', "clid": '"+79000000501"',
    "channel": '"PJSIP/mts-trunk-0000001b"', "other": '"PJSIP/101-0000001a"', "app": '"Dial"', "data": '"PJSIP/101"',
    "start": '"2026-01-01 10:00:00"', "answer": '"2026-01-01 10:00:20"', "end": '"2026-01-01 10:01:00"',
    "duration": "60", "billsec": "40", "disposition": '"ANSWERED"', "flags": '"DOCUMENTATION"', "uniqueid": "",
    "userfield": '"+79000000100"', "peer": '""', "linkedid": "", "sequence": '"1"',
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Dirt:
    """One kind of line. `reason` begins what the quarantine must say; '' when the line must be taken."""

    name: str
    reason: str
    cells: Mapping[str, str | None]
    swap: tuple[bytes, bytes] = (b"", b"")
    ending: bytes = b"\n"

    def line(self, number: int) -> bytes:
        """The line with an id of its own; cells of None are not there."""
        own = f'"{_UNIQUE_ID}.9{number:09d}"'
        cells = {**_GOOD, "uniqueid": own, "linkedid": own, **self.cells}
        text = ",".join(cell for cell in cells.values() if cell is not None).encode()
        return text.replace(*self.swap) + self.ending if self.swap[0] else text + self.ending


_CALLER = b"+79000000501"
DIRT = (
    Dirt("ragged", "the line has 15 columns", dict.fromkeys(list(_GOOD)[-6:])),
    Dirt("NUL inside", "the line holds NUL bytes", {}, (_CALLER, b"+7900\x00000501")),
    Dirt("undecodable caller id", "", {}, (b'"' + _CALLER + b'"', b'"\xa5\xa5"')),
    Dirt("empty duration", "duration is no whole number", {"duration": ""}),
    Dirt("duration of 10^18", "duration is no whole number", {"duration": str(10**18)}),
    Dirt("answered with 0 s", "", {"billsec": "0", "answer": '"2026-01-01 10:01:00"'}),
    Dirt("NO ANSWER with talk", "it was not answered, and yet 40 s", {"disposition": '"NO ANSWER"'}),
    Dirt("no linkedid", "", {"peer": None, "linkedid": None, "sequence": None}),
    Dirt("clock running backwards", "it ends before it starts", {"end": '"2026-01-01 09:59:00"'}),
    Dirt("open quote", "the quotes do not match", {"clid": '"+79000000501'}),
    Dirt("no disposition", "column 15 is no disposition", {"disposition": '"PERHAPS"'}),
    Dirt("a time that is none", "a time is not written", {"start": '"2026-13-01 10:00:00"'}),
    Dirt("too long", "the line is too long", {"clid": '"' + "x" * 70_000 + '"'}),
    Dirt("CRLF", "", {}, ending=b"\r\n"),
)
