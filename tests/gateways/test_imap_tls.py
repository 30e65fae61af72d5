"""TLS to a mailbox: a certificate that somebody vouches for is enough, any other is not, and none is never enough."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tasks.gateways.imap_connection import open_folder
from tasks.rules.errors import OutsideError
from tests.samples.certificates import self_signed
from tests.samples.imap_proxy import imap_proxy
from tests.samples.mail_room import PASSWORD, MailRoom, message, pymap_room


def test_the_certificate_is_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tls = self_signed(tmp_path)
    with pymap_room(tmp_path) as server, imap_proxy(server.port, tls) as proxy:
        room = server.new_folder("tls")
        room.put("one", message("one"))
        mailbox = replace(room.mailbox, port=proxy.port, security="tls")
        with pytest.raises(OutsideError, match="certificate"), open_folder(mailbox, PASSWORD):
            pass
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "self-signed.pem"))
        with open_folder(mailbox, PASSWORD) as folder:
            assert folder.message_count == 1


def test_a_line_that_becomes_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    self_signed(tmp_path)
    with pymap_room(tmp_path, certificate=tmp_path / "self-signed.pem") as room:
        room.put("one", message("one"))
        mailbox = replace(room.mailbox, security="starttls")
        with pytest.raises(OutsideError, match="certificate"), open_folder(mailbox, PASSWORD):
            pass
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "self-signed.pem"))
        with open_folder(mailbox, PASSWORD) as folder:
            assert folder.message_count == 1


def test_a_server_without_starttls_is_told_no_password(tmp_path: Path) -> None:
    with pymap_room(tmp_path) as server, imap_proxy(server.port) as proxy:
        mailbox = replace(MailRoom(tmp_path, proxy.port).mailbox, security="starttls")
        with pytest.raises(OutsideError, match=r"cannot reach .*STARTTLS"), open_folder(mailbox, PASSWORD):
            pass
        assert proxy.said
        assert not any(b"LOGIN" in line or b"AUTH" in line for line in proxy.said), proxy.said
