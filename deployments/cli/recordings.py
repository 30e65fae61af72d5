"""`./callout recording list | open | close | hold | release | export`: who may hear what, what is kept for longer."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deployments.cli.desk import opened_desk
from tasks.rules.phones import mask_phone
from tasks.rules.recordings.words import reason_words, state_words
from tasks.rules.text_table import text_table

if TYPE_CHECKING:
    from tasks.gateways.store.recording_rights import StoredRecording

_HEAD = {
    "en": ("recording", "call", "began", "line", "client", "state", "reason", "open to", "held"),
    "ru": ("запись", "звонок", "начало", "линия", "клиент", "состояние", "причина", "открыта", "хранить"),
}
_EMPTY = {"en": "No recordings.", "ru": "Записей нет."}
_SAID = {True: {"en": "done", "ru": "сделано"}, False: {"en": "nothing to change", "ru": "менять нечего"}}


def list_recordings(arguments: argparse.Namespace) -> int:
    """The newest recordings: what became of each, and who may hear it besides administrators."""
    with opened_desk() as desk:
        from tasks.recording_access import listed

        found = listed(desk, arguments.call, arguments.state, arguments.limit)
        language, zone = desk.office.language, desk.office.zone
    if arguments.json:
        print(json.dumps([_as_json(one) for one in found], ensure_ascii=False))
        return 0
    cells = [
        (
            one.recording_id,
            one.call_id,
            f"{one.started_at.astimezone(zone):%Y-%m-%d %H:%M}",
            one.line or "",
            mask_phone(one.client_phone) if one.client_phone else "",
            state_words(one.state, language),
            reason_words(one.reason, language),
            " ".join(one.grantees),
            one.hold_reason or "",
        )
        for one in found
    ]
    print("\n".join(text_table(_HEAD[language], cells)) if cells else _EMPTY[language])
    return 0


def open_recording(arguments: argparse.Namespace) -> int:
    """Let a person or a role hear a recording."""
    with opened_desk() as desk:
        from tasks.recording_access import open_to

        now = datetime.now(UTC)
        is_done = open_to(desk, arguments.recording, arguments.to, arguments.reason, arguments.who, now)
        print(_SAID[is_done][desk.office.language])
    return 0


def close_recording(arguments: argparse.Namespace) -> int:
    """Take the right to hear a recording back."""
    with opened_desk() as desk:
        from tasks.recording_access import close_to

        is_done = close_to(desk, arguments.recording, arguments.to, arguments.who, datetime.now(UTC))
        print(_SAID[is_done][desk.office.language])
    return 0


def hold_recording(arguments: argparse.Namespace) -> int:
    """Keep a recording in spite of its age."""
    return _hold(arguments, arguments.reason)


def release_recording(arguments: argparse.Namespace) -> int:
    """Let a recording go when its time is over."""
    return _hold(arguments, None)


def _hold(arguments: argparse.Namespace, reason: str | None) -> int:
    with opened_desk() as desk:
        from tasks.recording_access import hold

        is_done = hold(desk, arguments.recording, reason, arguments.who, datetime.now(UTC))
        print(_SAID[is_done][desk.office.language])
    return 0


def export_recording(arguments: argparse.Namespace) -> int:
    """Copy a recording into a file; it is written down who took it and why."""
    with opened_desk() as desk:
        from tasks.recording_access import export

        export(desk, arguments.recording, arguments.file, arguments.reason, arguments.who, datetime.now(UTC))
        print(arguments.file)
    return 0


def add_commands(actions: Any) -> None:
    """The actions, with their words, below `./callout recording`. `actions(name, help, run)` makes a parser."""
    listed = actions("list", "The newest recordings and who may hear them. / Записи и доступ к ним.", list_recordings)
    listed.add_argument("--call", type=int, default=0, help="only of this call / только этого звонка")
    listed.add_argument("--state", default="", help="waiting, kept, linked, forbidden, given_up, removed / состояние")
    listed.add_argument("--limit", type=int, default=100, help="at most so many, the newest first / не больше")
    listed.add_argument("--json", action="store_true", help="print a JSON list / вывести JSON")
    opened = _one(actions, "open", "Let somebody hear it. / Открыть запись.", open_recording, needs_reason=True)
    closed = _one(actions, "close", "Take that back. / Закрыть запись.", close_recording)
    for parser in (opened, closed):
        parser.add_argument("--to", required=True, help="key or mail of a person, or role:NAME / кому")
    _one(actions, "hold", "Keep it in spite of its age. / Хранить дольше срока.", hold_recording, needs_reason=True)
    _one(actions, "release", "Let it go in its time. / Снять запрет на удаление.", release_recording)
    taken = _one(actions, "export", "Copy it into a file. / Выгрузить в файл.", export_recording, needs_reason=True)
    taken.add_argument("file", type=Path, help="a new file / новый файл")


def _one(actions: Any, name: str, said: str, run: Any, *, needs_reason: bool = False) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = actions(name, said, run)
    parser.add_argument("recording", type=int, help="number of the recording / номер записи")
    parser.add_argument("--who", required=True, help="your key or mail in people.yaml / кто вы")
    if needs_reason:
        parser.add_argument("--reason", required=True, help="why, for the record / причина")
    return parser


def _as_json(one: StoredRecording) -> dict[str, Any]:
    return {
        "recording": one.recording_id,
        "call": one.call_id,
        "source": one.source,
        "started_at": one.started_at.isoformat(),
        "line": one.line,
        "state": one.state,
        "reason": one.reason,
        "size_bytes": one.size_bytes,
        "content_type": one.content_type,
        "open_to": list(one.grantees),
        "hold_reason": one.hold_reason,
        "removed_at": one.removed_at.isoformat() if one.removed_at else None,
    }
