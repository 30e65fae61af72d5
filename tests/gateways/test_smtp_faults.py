"""The SMTP sender against a server that fails by script: at every step, in every way, the outcome is told exactly."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tasks.gateways.smtp_sender import MailServer
from tasks.rules.errors import OutsideError
from tasks.rules.office import Sender

RAW = b"Message-ID: <1@north-service.example>\r\nSubject: x\r\n\r\n" + b"line of text\r\n" * 20_000
GREETING, EHLO, MAIL, RCPT, DATA, DOT = "greeting", "EHLO", "MAIL", "RCPT", "DATA", "."
ANSWERS = {
    GREETING: b"220 mx.example ESMTP\r\n",
    EHLO: b"250 mx.example\r\n",
    MAIL: b"250 OK\r\n",
    RCPT: b"250 OK\r\n",
    DATA: b"354 go on\r\n",
    DOT: b"250 2.0.0 queued\r\n",
    "RSET": b"250 OK\r\n",
    "QUIT": b"221 bye\r\n",
}
DROP, SILENCE = b"drop", b"silence"
DROP_IN_BODY = "in the body"


class Script:
    """A server that answers as usual, but at one step with what the script says."""

    def __init__(self, step: str, answer: bytes) -> None:
        self.step = step
        self.answer = answer
        self.bodies = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._say(writer, GREETING)
            while line := await reader.readline():
                verb = line[:4].decode().strip().upper()
                await self._say(writer, verb)
                if verb == DATA and self.step != DATA:
                    await self._take_body(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            return
        finally:
            writer.transport.abort()

    async def _take_body(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.step == DROP_IN_BODY:
            await reader.readexactly(5_000)
            raise ConnectionResetError
        await reader.readuntil(b"\r\n.\r\n")
        self.bodies += 1
        await self._say(writer, DOT)

    async def _say(self, writer: asyncio.StreamWriter, step: str) -> None:
        answer = self.answer if step == self.step else ANSWERS[step]
        if answer == DROP:
            raise ConnectionResetError
        if answer == SILENCE:
            await asyncio.sleep(60)
        writer.write(answer)
        await writer.drain()


@asynccontextmanager
async def scripted(step: str, answer: bytes) -> AsyncIterator[tuple[MailServer, Script]]:
    script = Script(step, answer)
    server = await asyncio.start_server(script.serve, "127.0.0.1", 0, limit=1 << 24)
    port = server.sockets[0].getsockname()[1]
    sender = Sender("office@north-service.example", "Office", "127.0.0.1", port, "plain")
    try:
        async with MailServer(sender, timeout_seconds=1.5) as client:
            yield client, script
    finally:
        server.close()


# step, what is said there, what becomes of the mail: (outcome of the offer, of the delivery, last code)
FAULTS = [
    (RCPT, b"451 4.3.0 later\r\n", ("temporary", "-", 451)),
    (RCPT, b"550 5.1.1 nobody\r\n", ("permanent", "-", 550)),
    (RCPT, b"421 4.3.2 closing\r\n", ("temporary", "-", 421)),
    (RCPT, DROP, ("temporary", "-", None)),
    (RCPT, SILENCE, ("temporary", "-", None)),
    (RCPT, b"what?\r\n", ("temporary", "-", None)),
    (DATA, b"451 4.3.0 later\r\n", ("accepted", "temporary", 451)),
    (DATA, b"554 5.5.1 no\r\n", ("accepted", "permanent", 554)),
    (DATA, b"421 4.3.2 closing\r\n", ("accepted", "temporary", 421)),
    (DATA, DROP, ("accepted", "unknown", None)),
    (DATA, SILENCE, ("accepted", "unknown", None)),
    (DROP_IN_BODY, b"", ("accepted", "unknown", None)),
    (DOT, b"451 4.3.0 later\r\n", ("accepted", "temporary", 451)),
    (DOT, b"550 5.7.1 spam\r\n", ("accepted", "permanent", 550)),
    (DOT, b"421 4.3.2 closing\r\n", ("accepted", "temporary", 421)),
    (DOT, DROP, ("accepted", "unknown", None)),
    (DOT, SILENCE, ("accepted", "unknown", None)),
    (DOT, b"garbage\r\n", ("accepted", "unknown", None)),
    (DOT, b"250", ("accepted", "unknown", None)),
]


@pytest.mark.parametrize(("step", "answer", "told"), FAULTS)
async def test_a_fault_at_a_step_and_the_next_mail_goes_on(
    step: str, answer: bytes, told: tuple[str, str, int | None]
) -> None:
    async with scripted(step, answer) as (client, script):
        reply = await client.offer("anna@example.com")
        offered, delivered = reply.outcome, "-"
        if offered == "accepted":
            reply = await client.deliver(RAW)
            delivered = reply.outcome
        assert (offered, delivered, reply.code) == told
        script.step = ""
        assert (await client.offer("boris@example.com")).outcome == "accepted"
        assert (await client.deliver(RAW)).outcome == "accepted"
    assert script.bodies >= 1


@pytest.mark.parametrize(
    ("step", "answer"), [(GREETING, DROP), (GREETING, SILENCE), (EHLO, DROP), (MAIL, b"550 no\r\n"), (MAIL, SILENCE)]
)
async def test_before_the_mail_it_is_nobodys_fault(step: str, answer: bytes) -> None:
    async with scripted(step, answer) as (client, _):
        with pytest.raises(OutsideError):
            await client.offer("anna@example.com")
