"""The world outside: takes every mail over SMTP, keeps its bytes, and writes down each acceptance.

The book `accepted.jsonl` proves what was accepted, how often and for whom.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
from email.parser import BytesHeaderParser
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session


class Sink:
    """Keeps mail by the hash of its bytes; one line in the book per acceptance."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 (aiosmtpd)
        """Store, make it last, then accept."""
        content = envelope.content
        raw = content if isinstance(content, bytes) else str(content or "").encode()
        name = f"{hashlib.sha256(raw).hexdigest()[:32]}.eml"
        _write_lasting(self._folder / name, raw)
        headers = BytesHeaderParser().parsebytes(raw)
        entry = {
            "message_id": headers.get("Message-ID"),
            "wording": headers.get("X-Callout-Wording", ""),
            "to": envelope.rcpt_tos,
            "file": name,
        }
        with (self._folder / "accepted.jsonl").open("a", encoding="utf-8") as book:
            book.write(json.dumps(entry, ensure_ascii=False) + "\n")
            book.flush()
            os.fsync(book.fileno())
        return "250 2.0.0 accepted"


def _write_lasting(path: Path, raw: bytes) -> None:
    draft = path.with_suffix(".tmp")
    with draft.open("wb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)


async def _serve(folder: Path, port: int) -> None:
    sink = Sink(folder)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(sink, data_size_limit=64 << 20), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    arguments = parser.parse_args()
    asyncio.run(_serve(arguments.folder, arguments.port))
