"""The SMTP sender against a real server that refuses, delays and drops, and against postfix's smtp-sink."""

from __future__ import annotations

import contextlib
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tasks.gateways.smtp_sender import MailServer
from tasks.rules.errors import CredentialError, OutsideError
from tasks.rules.office import Sender
from tests.samples.post_office import Post, open_post_office

RAW = b"Message-ID: <1@north-service.example>\r\nSubject: x\r\n\r\n.one\r\n..two\r\n.\r\nend\r\n"
OFFICE = Sender("office@north-service.example", "Office", "127.0.0.1", 0, "plain")


@pytest.fixture
def post() -> Iterator[Post]:
    with open_post_office(Post()) as served:
        yield served


def sender(post: Post, **changes: object) -> Sender:
    return replace(OFFICE, port=post.port, **changes)  # type: ignore[arg-type]  # test data


async def send(server: MailServer, name: str) -> tuple[str, str, int | None]:
    """Both steps; ('-' for DATA when it was not reached)."""
    offered = await server.offer(f"{name}@example.com")
    if offered.outcome != "accepted":
        return offered.outcome, "-", offered.code
    delivered = await server.deliver(RAW)
    return offered.outcome, delivered.outcome, delivered.code


ANSWERS = {
    "anna": ("accepted", "accepted", 250),
    "busy": ("temporary", "-", 451),
    "gone": ("permanent", "-", 550),
    "ending": ("temporary", "-", 421),
    "full": ("accepted", "temporary", 452),
    "never": ("accepted", "permanent", 554),
    "drop-at-rcpt": ("temporary", "-", None),
    "drop-at-data": ("accepted", "unknown", None),
    "drop-after-dot": ("accepted", "unknown", None),
    "bad address": ("permanent", "-", None),
    "ивáн": ("permanent", "-", None),
}


@pytest.mark.parametrize("name", ANSWERS)
async def test_answers_and_the_next_mail_goes_on(post: Post, name: str) -> None:
    async with MailServer(sender(post)) as server:
        assert await send(server, name) == ANSWERS[name]
        assert await send(server, "boris") == ANSWERS["anna"]


async def test_bytes_arrive_as_they_were_over_one_connection(post: Post) -> None:
    async with MailServer(sender(post)) as server:
        for _ in range(3):
            await send(server, "anna")
    assert (post.raw, post.connections) == ([RAW] * 3, 1)


async def test_a_server_that_ends_the_connection_after_some_mails(post: Post) -> None:
    post.per_connection = 2
    async with MailServer(sender(post)) as server:
        assert [await send(server, "anna") for _ in range(5)] == [ANSWERS["anna"]] * 5
    assert post.connections == 3


async def test_what_is_no_mails_fault_is_raised(post: Post) -> None:
    post.refuse_sender = True
    async with MailServer(sender(post)) as server:
        with pytest.raises(OutsideError, match="takes no mail from us: 550") as caught:
            await server.offer("anna@example.com")
    assert caught.value.is_permanent
    async with MailServer(replace(OFFICE, port=1)) as server:
        with pytest.raises(OutsideError, match=r"127\.0\.0\.1:1 cannot be used"):
            await server.offer("anna@example.com")
    async with MailServer(sender(post, host="mail.example")) as server:
        with pytest.raises(OutsideError, match="on loopback only"):
            await server.offer("anna@example.com")


async def test_a_silent_server() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        asked = replace(OFFICE, port=silent.getsockname()[1])
        async with MailServer(asked, timeout_seconds=0.2) as server:
            with pytest.raises(OutsideError, match="cannot be used"):
                await server.offer("anna@example.com")


async def test_sign_in(post: Post) -> None:
    async with MailServer(sender(post, login="office"), "right") as server:
        assert await send(server, "anna") == ANSWERS["anna"]
    async with MailServer(sender(post, login="office"), "wrong") as server:
        with pytest.raises(CredentialError, match="refuses login 'office'"):
            await server.offer("anna@example.com")


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A self-signed certificate with its key for 127.0.0.1."""
    file = tmp_path / "server.pem"
    ask = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=127.0.0.1"
    names = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", f"{file}.key", "-out", str(file)]
    subprocess.run([*ask.split(), *names], check=True, capture_output=True)
    return file


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_tls_is_checked(security: str, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, f"{certificate}.key")
    with open_post_office(Post(), **{security: context}) as post:
        async with MailServer(sender(post, security=security)) as server:
            with pytest.raises(OutsideError, match="certificate"):
                await server.offer("anna@example.com")
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        async with MailServer(sender(post, security=security)) as server:
            assert await send(server, "anna") == ANSWERS["anna"]


async def test_no_starttls_means_no_mail(post: Post) -> None:
    async with MailServer(sender(post, security="starttls")) as server:
        with pytest.raises(OutsideError, match="STARTTLS"):
            await server.offer("anna@example.com")


@contextlib.contextmanager
def smtp_sink(*options: str) -> Iterator[Sender]:
    """Postfix's test server on a free port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    running = subprocess.Popen(["/usr/sbin/smtp-sink", *options, f"127.0.0.1:{port}", "10"])
    try:
        for _ in range(200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.05)
        yield replace(OFFICE, port=port)
    finally:
        running.kill()
        running.wait()


SINKS = {
    (): [("accepted", "accepted", 250)] * 2,
    ("-r", "RCPT"): [("temporary", "-", 450)] * 2,
    ("-f", "RCPT"): [("permanent", "-", 500)] * 2,
    ("-r", "."): [("accepted", "temporary", 450)] * 2,
    ("-f", "."): [("accepted", "permanent", 500)] * 2,
    ("-q", "DATA"): [("accepted", "unknown", None)] * 2,
    ("-q", "."): [("accepted", "unknown", None)] * 2,
}


@pytest.mark.debian
@pytest.mark.parametrize("options", SINKS)
async def test_postfix(options: tuple[str, ...]) -> None:
    with smtp_sink("-u", "nobody", *options) as asked:
        async with MailServer(asked) as server:
            assert [await send(server, "anna") for _ in range(2)] == SINKS[options]
