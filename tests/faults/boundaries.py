"""The places where a process may die, by name: before or after a function of ours, a commit, or half of a mail's bytes.

Armed by replacing the function in the victim process alone; the code under test has no hooks.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import os
import signal
import sys
from collections.abc import Callable
from typing import Any, Literal

_Side = Literal["before", "after"]
_COMMIT = "sqlalchemy.engine.default:DefaultDialect.do_commit"
_SERVER = "tasks.gateways.smtp_sender:MailServer"
_CLAIMING, _RECORDING = "tasks.gateways.store.sending", "tasks.gateways.store.attempts"
_INSIDE_DATA = "inside-data"

INTAKE: dict[str, tuple[_Side, str]] = {
    "mail-downloaded": ("after", "tasks.gateways.imap_bodies:fetch_bodies"),
    "before-store": ("before", "tasks.gateways.store.intake:store_batch"),
    "stored-not-committed": ("after", "tasks.gateways.store.intake:store_batch"),
    "before-interpreting": ("before", "tasks.mail_interpreting:read_chunk"),
    "file-kept": ("after", "tasks.gateways.attachment_files:keep_file"),
    "interpreted": ("after", "tasks.mail_interpreting:read_chunk"),
    "judged": ("after", "tasks.gateways.quality_gate:gate_rows"),
    "leads-made": ("after", "tasks.gateways.store.leads:create_leads"),
    "settled-not-committed": ("after", "tasks.gateways.store.intake_settling:settle_mails"),
    "committing": ("before", _COMMIT),
    "committed": ("after", _COMMIT),
}
_DROP = "tasks.gateways.pop3_connection:Drop"
POP3: dict[str, tuple[_Side, str]] = {
    "uids-listed": ("after", f"{_DROP}.uidls"),
    "mail-retrieved": ("after", f"{_DROP}.retrieve"),
    "marked-for-deletion": ("after", f"{_DROP}.delete"),
    "before-quit": ("before", "poplib:POP3.quit"),
    "after-quit": ("after", "poplib:POP3.quit"),
}
DISPATCH: dict[str, tuple[_Side, str]] = {
    "claimed-not-committed": ("after", f"{_CLAIMING}:claim_due"),
    "before-offer": ("before", f"{_SERVER}.offer"),
    "offered": ("after", f"{_SERVER}.offer"),
    "in-doubt-not-committed": ("after", f"{_RECORDING}:begin_doubt"),
    "in-doubt": ("before", f"{_SERVER}.deliver"),
    _INSIDE_DATA: ("before", "aiosmtplib.protocol:SMTPProtocol.write"),
    "delivered": ("after", f"{_SERVER}.deliver"),
    "recorded-not-committed": ("after", f"{_RECORDING}:settle"),
    "released-not-committed": ("after", f"{_CLAIMING}:release"),
    "committing": ("before", _COMMIT),
    "committed": ("after", _COMMIT),
}
_GATEWAY = "tasks.gateways.channels.smsc:Smsc"
SMS: dict[str, tuple[_Side, str]] = {
    "sms-claimed-not-committed": ("after", f"{_CLAIMING}:claim_due"),
    "sms-in-doubt-not-committed": ("after", f"{_RECORDING}:begin_doubt"),
    "sms-in-doubt": ("before", f"{_GATEWAY}.send"),
    "sms-leaving": ("before", "tasks.gateways.channels.sms_http:answer_of"),
    "sms-taken": ("after", f"{_GATEWAY}.send"),
    "sms-recorded-not-committed": ("after", f"{_RECORDING}:settle"),
    "sms-asked": ("after", f"{_GATEWAY}.ask"),
    "sms-decided-not-committed": ("after", "tasks.gateways.store.outbox_deciding:decide_mail"),
    "sms-committing": ("before", _COMMIT),
    "sms-committed": ("after", _COMMIT),
}
_CHAT = "tasks.gateways.channels.chat_line:XmppLine"
CHAT: dict[str, tuple[_Side, str]] = {
    "chat-claimed-not-committed": ("after", f"{_CLAIMING}:claim_due"),
    "chat-in-doubt-not-committed": ("after", f"{_RECORDING}:begin_doubt"),
    "chat-in-doubt": ("before", f"{_CHAT}.send"),
    "chat-receipted": ("after", f"{_CHAT}.send"),
    "chat-recorded-not-committed": ("after", f"{_RECORDING}:settle"),
}
_SOUNDS, _CONTENTS = "tasks.gateways.store.recordings", "tasks.gateways.recordings.contents:Contents"
RECORDINGS: dict[str, tuple[_Side, str]] = {
    "recording-noted-not-committed": ("after", f"{_SOUNDS}:note_recordings"),
    "recording-received": ("after", f"{_CONTENTS}.receive"),
    "recording-planned-not-committed": ("after", f"{_SOUNDS}:plan_content"),
    "recording-before-place": ("before", f"{_CONTENTS}.place"),
    "recording-placed": ("after", f"{_CONTENTS}.place"),
    "recording-kept-not-committed": ("after", f"{_SOUNDS}:keep_recording"),
    "recording-removed-not-committed": ("after", f"{_SOUNDS}:remove_recording"),
    "recording-dropped": ("after", f"{_CONTENTS}.drop"),
    "recording-committing": ("before", _COMMIT),
    "recording-committed": ("after", _COMMIT),
}
NEEDS_GATE = "judged"


def arm(boundary: str, nth: int) -> None:
    """From now on the `nth` passing of the boundary ends this process by SIGKILL."""
    side, place = (INTAKE | POP3 | DISPATCH | SMS | CHAT | RECORDINGS)[boundary]
    module_name, _, path = place.partition(":")
    *owners, name = path.split(".")
    owner = functools.reduce(getattr, owners, importlib.import_module(module_name))
    original = getattr(owner, name)
    strike = _Strike(nth)
    deadly = _cut_in_half(original, strike) if boundary == _INSIDE_DATA else _deadly(original, strike, side)
    if owners:
        setattr(owner, name, deadly)
        return
    replace_everywhere(name, original, deadly)


def replace_everywhere(name: str, original: object, stand_in: object) -> None:
    """Put `stand_in` for `original` in every module that knows it as `name`, wherever it is imported."""
    for module in tuple(sys.modules.values()):
        if vars(module).get(name) is original:
            setattr(module, name, stand_in)


class _Strike:
    def __init__(self, nth: int) -> None:
        self._left = nth

    def __call__(self) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def _deadly(original: Callable[..., Any], strike: _Strike, side: _Side) -> Callable[..., Any]:
    @functools.wraps(original)
    def plain(*args: Any, **options: Any) -> Any:
        if side == "before":
            strike()
        result = original(*args, **options)
        if side == "after":
            strike()
        return result

    @functools.wraps(original)
    async def waiting(*args: Any, **options: Any) -> Any:
        if side == "before":
            strike()
        result = await original(*args, **options)
        if side == "after":
            strike()
        return result

    return waiting if inspect.iscoroutinefunction(original) else plain


def _cut_in_half(original: Callable[..., Any], strike: _Strike) -> Callable[..., Any]:
    """Of the n-th mail only the first half leaves: everything written that is longer than any SMTP command."""

    def write(protocol: Any, data: bytes) -> None:
        if len(data) <= 512:  # RFC 5321, 4.5.3.1.4
            original(protocol, data)
            return
        original(protocol, data[: len(data) // 2])
        strike()
        original(protocol, data[len(data) // 2 :])

    return write
