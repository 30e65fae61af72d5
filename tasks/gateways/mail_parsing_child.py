"""The child of tasks.gateways.mail_parsing, `FD MEMORY_BYTES`: a raw mail is asked, what it says is answered."""

from __future__ import annotations

import pickle
import resource
import sys

from tasks.gateways.mail_parser import parse_mail
from tasks.gateways.working_child import serve
from tasks.rules.mail.parsed import ParsedMail, UnreadableMail


def _answer(raw: bytes) -> bytes:
    return pickle.dumps(_parse(raw), pickle.HIGHEST_PROTOCOL)


def _parse(raw: bytes) -> ParsedMail | UnreadableMail:
    try:
        return parse_mail(raw)
    except MemoryError:
        return UnreadableMail("reading it takes more memory than a mail may have")


if __name__ == "__main__":
    memory_bytes = int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    serve(_answer)
