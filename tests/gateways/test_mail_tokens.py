"""Signing in with OAuth2: tokens given, refreshed, refused; over POP3 everywhere, over Dovecot where CI installs it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from deployments.demo.mail_servers import LOGIN, imap_command, prepare_mailbox
from tasks.gateways.imap_connection import open_folder
from tasks.gateways.mail_tokens import access_token, forget_token
from tasks.gateways.pop3_connection import open_drop
from tasks.rules.errors import CredentialError, OutsideError
from tests.samples.drop_room import ScriptedDrop, drop_mailbox, scripted_drop
from tests.samples.mail_room import PASSWORD, MailRoom, free_port, message, running_server
from tests.samples.token_server import TokenServer, token_server


@pytest.fixture
def tokens() -> Iterator[TokenServer]:
    with token_server() as opened:
        yield opened


def test_a_plain_secret_is_the_token_itself() -> None:
    assert access_token("office", " ya29.token \n") == "ya29.token"


def test_a_token_is_fetched_once_until_it_ends(tokens: TokenServer) -> None:
    assert [access_token("office", tokens.secret) for _ in range(3)] == ["token-1"] * 3
    forget_token(tokens.secret)
    assert access_token("office", tokens.secret) == "token-2"
    assert tokens.asked[0] == {
        "grant_type": ["refresh_token"],
        "client_id": ["callout"],
        "client_secret": ["of-the-test"],
        "refresh_token": ["long-lived"],
    }


@pytest.mark.parametrize(("lasts_seconds", "fetched"), [(59, 2), (None, 1), (3600, 1)])
def test_a_token_is_not_used_to_its_last_second(tokens: TokenServer, lasts_seconds: int | None, fetched: int) -> None:
    tokens.lasts_seconds = lasts_seconds
    for _ in range(2):
        access_token("office", tokens.secret)
    assert len(tokens.asked) == fetched


@pytest.mark.parametrize(
    ("answer", "kind", "told"),
    [
        ((400, b'{"error": "invalid_grant"}'), CredentialError, "refused the refresh token: invalid_grant"),
        ((401, b"<html>"), CredentialError, "refused the refresh token: 401"),
        ((429, b"{}"), OutsideError, "gave no token"),
        ((503, b"later"), OutsideError, "gave no token"),
        ((200, b'{"token": "x"}'), OutsideError, "gave no token"),
        ((200, b"[1]"), OutsideError, "gave no token"),
    ],
)
def test_each_refusal_says_what_it_is(
    tokens: TokenServer, answer: tuple[int, bytes], kind: type[OutsideError], told: str
) -> None:
    tokens.answer = answer
    with pytest.raises(OutsideError, match=f"mailbox office: the token server {told}") as caught:
        access_token("office", tokens.secret)
    assert type(caught.value) is kind


@pytest.mark.parametrize(
    ("secret", "told"),
    [
        ("{not json", "begins like JSON and is none"),
        ('{"token_url": "http://127.0.0.1/", "client_id": 7}', "lacks client_id, client_secret, refresh_token"),
    ],
)
def test_a_secret_that_lacks_something_says_what(secret: str, told: str) -> None:
    with pytest.raises(CredentialError, match=told) as caught:
        access_token("office", secret)
    assert "127.0.0.1" not in str(caught.value)


def test_a_token_server_that_is_away_is_no_wrong_secret(tokens: TokenServer) -> None:
    away = tokens.secret.replace(str(tokens.port), str(free_port()))
    with pytest.raises(OutsideError, match="cannot reach the token server") as caught:
        access_token("office", away)
    assert not caught.value.is_permanent


def test_pop3_signs_in_by_token_and_fetches_another_when_it_is_refused(tokens: TokenServer) -> None:
    with scripted_drop(ScriptedDrop(token="token-2")) as drop:
        mailbox = drop_mailbox(drop.port, auth="oauth2")
        with pytest.raises(CredentialError, match="refused the login 'office'"), open_drop(mailbox, tokens.secret):
            pass
        with open_drop(mailbox, tokens.secret) as opened:
            assert opened.uidls() == []


@contextmanager
def dovecot_with_tokens(folder: Path, tokens: TokenServer) -> Iterator[tuple[MailRoom, int]]:
    """Dovecot that asks the token server whose a token is, by IMAP and, at the second port, by POP3."""
    prepare_mailbox(folder, PASSWORD)
    port, pop3_port = free_port(), free_port()
    command = imap_command(folder, port, PASSWORD)
    (folder / "oauth2.conf").write_text(
        f"tokeninfo_url = http://127.0.0.1:{tokens.port}/owner?access_token=\nusername_attribute = email\n"
    )
    pop3 = f"inet_listener pop3 {{\naddress = 127.0.0.1\nport = {pop3_port}\n}}\ninet_listener pop3s {{\nport = 0\n}}"
    with (folder / "dovecot.conf").open("a") as config:
        config.write(
            f"\nprotocols = imap pop3\nauth_mechanisms = plain xoauth2\nservice pop3-login {{\nchroot =\n{pop3}\n}}\n"
            f"passdb {{\ndriver = oauth2\nmechanisms = xoauth2\nargs = {folder}/oauth2.conf\n}}\n"
        )
    with running_server(command, port):
        yield MailRoom(folder, port), pop3_port


@pytest.mark.debian
def test_dovecot_takes_the_token_and_refuses_a_revoked_one(tokens: TokenServer) -> None:
    with TemporaryDirectory(prefix="callout-", ignore_cleanup_errors=True) as base:
        Path(base).chmod(0o755)
        with dovecot_with_tokens(Path(base), tokens) as (room, pop3_port):
            room.put("m", message("m"))
            mailbox = replace(room.mailbox, auth="oauth2", login=LOGIN)
            with open_folder(mailbox, tokens.secret) as folder:
                assert folder.message_count == 1
            tokens.revoked.add("token-1")
            for _ in range(2):
                with pytest.raises(CredentialError, match="refused the login"), open_folder(mailbox, "token-1"):
                    pass
            forget_token(tokens.secret)
            by_pop3 = drop_mailbox(pop3_port, auth="oauth2")
            with open_drop(by_pop3, tokens.secret) as drop:
                assert len(drop.uidls() or []) == 1
            with pytest.raises(CredentialError, match="refused the login"), open_drop(by_pop3, "token-1"):
                pass
