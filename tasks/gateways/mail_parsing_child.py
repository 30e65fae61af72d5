"""The child of tasks.gateways.mail_parsing: `FD MEMORY_BYTES`; says "ready", then answers batches mail by mail."""

from __future__ import annotations

import resource
import signal
import sys
from multiprocessing.connection import Connection

from tasks.gateways.mail_parser import parse_mail
from tasks.rules.mail.parsed import ParsedMail, UnreadableMail


def serve(line: Connection[ParsedMail | UnreadableMail | str, int]) -> None:
    """Answer until the other side is gone."""
    try:
        line.send("ready")
        while True:
            raws = [line.recv_bytes() for _ in range(line.recv())]
            for raw in raws:
                line.send(_parse(raw))
    except (EOFError, ConnectionError, MemoryError):
        return


def _parse(raw: bytes) -> ParsedMail | UnreadableMail:
    try:
        return parse_mail(raw)
    except MemoryError:
        return UnreadableMail("reading it takes more memory than a mail may have")


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for our parent, whose end we notice
    memory_bytes = int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    serve(Connection(int(sys.argv[1])))
