"""What every channel besides mail is to the sender: it takes one message, and says how sure it is.

Two errors, one distinction: PermanentError, it will never go that way; TemporaryError, it may go later. Either means
that the message has surely not left. Whatever may have left comes back as a Delivery that is not certain. When the
server wants nothing from us at all, OutsideError or CredentialError (tasks/rules/errors.py) ends the whole round.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType
from typing import Literal, Protocol, Self

# a gateway's own word about a message it may have got
Fate = Literal["received", "failed", "not_received", "unknown"]


class PermanentError(Exception):
    """This message will never go this way; its text is the reason in one line."""


class TemporaryError(Exception):
    """This message has not left now; later it may. Its text is the reason in one line."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message: `our_id` is the same for every attempt (letters and digits), `to` an address of the channel."""

    our_id: str
    to: str
    text: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of a message that left; `is_certain`: it was taken, otherwise nobody knows.

    `outside_id` is the gateway's own name of it, '' for none; `said` its answer in one line.
    """

    is_certain: bool
    said: str
    outside_id: str = ""


class Channel(Protocol):
    """A way to people. `lanes` is how many messages may be under way at once."""

    @property
    def lanes(self) -> int:
        """How many messages may be under way at once."""

    async def __aenter__(self) -> Self:
        """Connect. Raises OutsideError or CredentialError."""

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Disconnect."""

    async def send(self, message: Message) -> Delivery:
        """Hand one message over. Raises PermanentError, TemporaryError; OutsideError or CredentialError for all."""

    async def ask(self, message: Message, outside_id: str) -> Fate:
        """What the other side knows of a message that may have reached it."""


def one_line(text: object, limit: int = 200) -> str:
    """An answer of an outside system as one short line."""
    return " ".join(str(text).split())[:limit] or type(text).__name__
