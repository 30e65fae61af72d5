"""A line to Asterisk's manager interface (AMI, TCP 5038 or TLS 5039): log in, hear events, ask whether it is alive.

The password is proved by the MD5 challenge and does not travel; it is given as it is only over TLS or to this machine,
where a PBX refuses the challenge. What was said while no line was open is not told again: files and tables tell it.
"""

from __future__ import annotations

import hashlib
import socket
import ssl
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tasks.rules.errors import CredentialError, OutsideError
from tasks.rules.office_telephony import Manager, manager_place

_BANNER = b"Asterisk Call Manager/"
_ANSWER_SECONDS = 20.0
_QUIET_SECONDS = 20.0
_LOOK_SECONDS = 0.5
_LONGEST_BLOCK = 65_536
_PART_BYTES = 65_536
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True)
class Block:
    """One event or answer: its fields, names in small letters. `reason` says why it is neither; `text` is what came."""

    fields: dict[str, str]
    text: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Hearer:
    """Who is told: of every block, of every sign of life, and who says that it is enough."""

    on_block: Callable[[Block], None]
    on_alive: Callable[[], None]
    is_stopped: Callable[[], bool]


@dataclass(slots=True)
class Blocks:
    """Bytes as they come, cut where an empty line ends a block; one that is too long is passed over as a whole."""

    _rest: bytes = b""
    _is_skipping: bool = False

    def feed(self, content: bytes) -> Iterator[Block]:
        """The blocks that are whole now."""
        *whole, self._rest = (self._rest + content).split(b"\r\n\r\n")
        for one in whole:
            if self._is_skipping or len(one) > _LONGEST_BLOCK:
                self._is_skipping = False
                yield Block({}, _shown(one), "the event is too long")
            elif one.strip():
                yield read_block(one.strip(b"\r\n"))
        if len(self._rest) > _LONGEST_BLOCK:
            # its end may be cut in two, so the last bytes stay
            self._is_skipping, self._rest = True, self._rest[-3:]


def read_block(content: bytes) -> Block:
    """The fields of one block, or why they cannot be read."""
    text, fields = _shown(content), {}
    if b"\0" in content:
        return Block({}, text, "the event holds NUL bytes")
    for line in content.decode("utf-8", "backslashreplace").split("\r\n"):
        name, colon, value = line.partition(":")
        name = name.strip().casefold()
        if not colon or not name:
            return Block({}, text, "a line of the event has no name")
        if name in fields and not name.startswith(("chanvariable", "variable", "output")):
            return Block({}, text, f"the event tells {name[:40]} twice")
        fields[name] = value.strip()
    if "event" not in fields and "response" not in fields:
        return Block({}, text, "it is no event")
    return Block(fields, text)


def hear_manager(place: Manager, secret: str, hearer: Hearer) -> None:
    """Hear events until `is_stopped`. Raises OutsideError when the line cannot be opened or is lost.

    CredentialError: the PBX refuses user or password.
    """
    host, port = manager_place(place.address)
    try:
        with _opened(host, port, is_tls=place.is_tls) as line:
            talk = _Talk(line, f"the manager interface at {place.address}")
            talk.greet()
            talk.log_in(place, secret, may_tell=place.is_tls or host in _LOOPBACK)
            hearer.on_alive()
            _hear(talk, hearer)
            talk.leave()
    except OSError as error:
        # an SSL error is an OSError as well
        reason = " ".join(str(error.strerror or error or type(error).__name__).split())[:200]
        raise OutsideError(f"the manager interface at {place.address} cannot be used: {reason.lower()}") from error


def _hear(talk: _Talk, hearer: Hearer) -> None:
    heard_at, asked_at = time.monotonic(), 0.0
    while not hearer.is_stopped():
        found = talk.receive()
        now = time.monotonic()
        if talk.last_at > heard_at:
            heard_at = talk.last_at
            hearer.on_alive()
        for block in found:
            hearer.on_block(block)
        if now - heard_at > _QUIET_SECONDS + _ANSWER_SECONDS:
            raise OutsideError(f"{talk.name} does not answer any more")
        if now - max(heard_at, asked_at) > _QUIET_SECONDS:
            asked_at = now
            talk.send("Ping")


def _opened(host: str, port: int, *, is_tls: bool) -> socket.socket:
    line = socket.create_connection((host, port), _ANSWER_SECONDS)
    if is_tls:
        try:
            line = ssl.create_default_context().wrap_socket(line, server_hostname=host)
        except OSError:
            line.close()
            raise
    return line


@dataclass(slots=True)
class _Talk:
    """Question and answer over one line; events that come between are kept for `receive`."""

    line: socket.socket
    name: str
    last_at: float = 0.0
    _blocks: Blocks = field(default_factory=Blocks)
    _waiting: deque[Block] = field(default_factory=deque)
    _count: int = 0

    def greet(self) -> None:
        """Read the banner. Raises OutsideError when it is another program's."""
        self.line.settimeout(_ANSWER_SECONDS)
        said = b""
        while b"\n" not in said and len(said) < _LONGEST_BLOCK and _BANNER.startswith(said[: len(_BANNER)]):
            said += self._part()
        banner, _, rest = said.partition(b"\n")
        if not banner.startswith(_BANNER):
            raise OutsideError(f"{self.name} is none: another program answers there")
        self._waiting.extend(self._blocks.feed(rest))
        self.line.settimeout(_LOOK_SECONDS)

    def log_in(self, place: Manager, secret: str, *, may_tell: bool) -> None:
        """Log in by challenge. Raises CredentialError when the PBX refuses."""
        challenge = self._ask("Challenge", AuthType="MD5").get("challenge", "")
        if challenge:
            key = hashlib.md5((challenge + secret).encode(), usedforsecurity=False).hexdigest()
            answer = self._ask("Login", AuthType="MD5", Username=place.user, Key=key, Events="cdr,agent")
        elif may_tell and secret.isprintable():
            answer = self._ask("Login", Username=place.user, Secret=secret, Events="cdr,agent")
        else:
            raise CredentialError(f"{self.name} refuses the MD5 challenge, and the password would travel in the open")
        if answer.get("response", "").casefold() != "success":
            said = answer.get("message", "no reason")[:100]
            raise CredentialError(f"{self.name} refuses the user {place.user}: {said.replace(secret, '…')}")

    def receive(self) -> list[Block]:
        """What has come within half a second. Raises OutsideError when the line was closed."""
        found = [*self._waiting]
        self._waiting.clear()
        try:
            found += self._blocks.feed(self._part())
        except TimeoutError:
            return found
        return found

    def send(self, action: str, **fields: str) -> str:
        """Ask for an action; its id."""
        self._count += 1
        told = {"Action": action, "ActionID": str(self._count)} | fields
        lines = [f"{name}: {value}\r\n" for name, value in told.items()]
        self.line.sendall(("".join(lines) + "\r\n").encode())
        return str(self._count)

    def leave(self) -> None:
        """Say that we go; a line that is lost already is as good."""
        try:
            self.send("Logoff")
        except OSError:
            return

    def _ask(self, action: str, **fields: str) -> dict[str, str]:
        asked, end, kept = self.send(action, **fields), time.monotonic() + _ANSWER_SECONDS, list[Block]()
        while time.monotonic() < end:
            found = self.receive()
            answers = [one for one in found if "response" in one.fields and one.fields.get("actionid") == asked]
            kept += [one for one in found if one not in answers]
            if answers:
                self._waiting.extend(kept)
                return answers[0].fields
        raise OutsideError(f"{self.name} does not answer")

    def _part(self) -> bytes:
        content = self.line.recv(_PART_BYTES)
        if not content:
            raise OutsideError(f"{self.name} closed the line")
        self.last_at = time.monotonic()
        return content


def _shown(content: bytes) -> str:
    return content.decode("utf-8", "backslashreplace").replace("\0", "\\x00")
