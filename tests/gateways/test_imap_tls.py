"""TLS to a mailbox: a certificate that somebody vouches for is enough, any other is not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tasks.gateways.imap_connection import open_folder
from tasks.rules.errors import OutsideError
from tests.samples.certificates import self_signed
from tests.samples.imap_proxy import imap_proxy
from tests.samples.mail_room import PASSWORD, message, pymap_room


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
