"""How much of the reply corpus is read exactly: replies without quote and signature, and messages passed on.

The corpus is real mail that other projects' test suites hold; it is no part of this project. `bench_corpus` prints
these rows beside its own.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tasks.gateways.mail_bodies import body_text, html_text
from tasks.gateways.mail_parser import parse_mail
from tasks.rules.mail.forwards import find_forward
from tasks.rules.mail.parsed import ParsedMail
from tasks.rules.mail.reply_text import ReplyParts, split_reply

_REPLY_AIM = 0.95
_FORWARD_AIM = 0.94
_Expected = dict[str, Any]
_Judge = Callable[[Path, _Expected], bool]


def rows(folder: Path) -> list[tuple[str, int, int, float]]:
    """What is measured, how many are right, of how many, and the aim as a fraction; the corpus lies in `folder`."""
    expected = [json.loads(line) for line in (folder / "expectations.jsonl").read_text("utf-8").splitlines()]
    measured: list[tuple[str, str, _Judge, float]] = [
        ("reply text exact, discourse-reply", "reply_text", _is_text_exact, _REPLY_AIM),
        ("reply text exact, talon-reply (with its signature)", "reply_eml", _is_mail_exact, _REPLY_AIM),
        ("reply parted from its quote, talon-reply HTML", "reply_html", _is_html_parted, _REPLY_AIM),
        ("forward recognised, crisp-forward, body alone", "forward_text", _is_forward, _FORWARD_AIM),
        ("forward recognised and read, crisp-forward, subject Fwd", "forward_text", _is_forward_read, _FORWARD_AIM),
        ("reply not taken for a forward, discourse-reply", "reply_text", _is_no_forward, _REPLY_AIM),
    ]
    return [(name, *_count(folder, expected, kind, judge), aim) for name, kind, judge, aim in measured]


def _count(folder: Path, expected: list[_Expected], kind: str, judge: _Judge) -> tuple[int, int]:
    of_kind = [row for row in expected if row["kind"] == kind]
    return sum(judge(folder / row["file"], row["expect"]) for row in of_kind), len(of_kind)


def _is_text_exact(path: Path, expect: _Expected) -> bool:
    return _even(split_reply(body_text(path.read_bytes(), "utf-8")).reply) == _even(expect["reply"])


def _is_mail_exact(path: Path, expect: _Expected) -> bool:
    """Talon parts signatures in another step: its expected texts still hold them."""
    mail = parse_mail(path.read_bytes())
    if not isinstance(mail, ParsedMail):
        return False
    parts = split_reply(mail.text, mail.subject)
    return _even(expect["reply"]) in (_even(parts.reply), _even(f"{parts.reply}\n\n{parts.signature}"))


def _is_html_parted(path: Path, _expect: _Expected) -> bool:
    """No text is given for these: something must be kept, the copied header not, and the quote must be found."""
    parts: ReplyParts = split_reply(html_text(path.read_bytes(), ""))
    return bool(parts.reply and parts.quote) and "@" not in parts.reply and "wrote:" not in parts.reply


def _is_forward(path: Path, expect: _Expected) -> bool:
    return (find_forward(body_text(path.read_bytes(), "utf-8")) is not None) is expect["forwarded"]


def _is_forward_read(path: Path, expect: _Expected) -> bool:
    found = find_forward(body_text(path.read_bytes(), "utf-8"), "Fwd: Integer")
    if found is None or not expect["forwarded"]:
        return (found is not None) is expect["forwarded"]
    return bool(found.from_name and found.subject and found.date_text and found.body)


def _is_no_forward(path: Path, _expect: _Expected) -> bool:
    """Under an answer's subject only what says 'forwarded' may be one, and two of the samples do."""
    found = find_forward(body_text(path.read_bytes(), "utf-8"), "Re: x")
    return found is None or path.name.startswith("forwarded")


def _even(text: str) -> str:
    """White space at line ends and around the text is no matter of reading."""
    return "\n".join(line.rstrip() for line in text.strip().split("\n"))
