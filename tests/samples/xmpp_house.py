"""A real XMPP server (prosody) on loopback, and people in chat who answer with receipts, or do not."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import slixmpp

from tasks.rules.notify.channel_settings import ChatLine
from tests.samples.waiting import wait_for

HOST = "chat.example"
OFFICE = f"office@{HOST}"
PASSWORD = "of-the-test"
PROSODY = shutil.which("prosody")
_CONFIG = """
run_as_root = true
pidfile = "{folder}/prosody.pid"
data_path = "{folder}/data"
log = {{ info = "{folder}/prosody.log" }}
interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {port} }}
c2s_direct_tls_ports = {{ {tls_port} }}
{tls}
s2s_ports = {{ }}
modules_enabled = {{ {tls_module} "roster", "saslauth", "disco", "ping" }}
modules_disabled = {{ "s2s", "offline" }}
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
authentication = "internal_plain"
admins = {{ }}
VirtualHost "{host}"
"""


@dataclass(frozen=True)
class XmppHouse:
    """The server's port; `chat` is the office's account there."""

    port: int
    tls_port: int = 0

    @property
    def chat(self) -> ChatLine:
        """The office's settings for it."""
        return ChatLine(True, OFFICE, "127.0.0.1", self.port, "plain", "office-chat", receipt_seconds=2)


@contextmanager
def open_xmpp_house(folder: Path, *names: str, certificate: Path | None = None) -> Iterator[XmppHouse]:
    """A server with the accounts office and `names`; with a certificate (its key beside it) it speaks TLS too."""
    assert PROSODY, "prosody is not installed"
    port, tls_port = _free_ports()
    accounts = folder / "data" / HOST.replace(".", "%2e") / "accounts"
    accounts.mkdir(parents=True, exist_ok=True)
    for name in ("office", *names):
        (accounts / f"{name}.dat").write_text(f'return {{ ["password"] = "{PASSWORD}"; }};')
    config = folder / "prosody.cfg.lua"
    tls = f'ssl = {{ certificate = "{certificate}"; key = "{certificate}.key" }}' if certificate else ""
    offered = {"tls": tls, "tls_port": tls_port if certificate else "", "tls_module": '"tls",' if certificate else ""}
    config.write_text(_CONFIG.format(folder=folder, port=port, host=HOST, **offered))
    process = subprocess.Popen(
        [PROSODY, "--config", str(config), "-F"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_for(lambda: _listens(port), 20)
        yield XmppHouse(port, tls_port)
    finally:
        process.terminate()
        process.wait(10)


def _free_ports() -> tuple[int, int]:
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        return one.getsockname()[1], other.getsockname()[1]


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@dataclass
class Person:
    """Somebody in chat: what they heard."""

    heard: list[str] = field(default_factory=list)
    client: Any = None


@asynccontextmanager
async def in_chat(house: XmppHouse, name: str, *, gives_receipts: bool = True) -> AsyncIterator[Person]:
    """`name` is online until the block ends, and lets everybody see it."""
    plain = {"feature_mechanisms": {"unencrypted_scram": True, "unencrypted_plain": True}}
    client = slixmpp.ClientXMPP(f"{name}@{HOST}", PASSWORD, plugin_config=plain)
    client.enable_direct_tls = client.enable_starttls = False
    client.enable_plaintext = client.auto_authorize = True
    if gives_receipts:
        client.register_plugin("xep_0184")
    person = Person(client=client)
    client.add_event_handler("message", lambda stanza: person.heard.append(stanza["body"]) if stanza["body"] else None)
    started = asyncio.ensure_future(client.wait_until("session_start", 10))
    client.connect("127.0.0.1", house.port)
    await started
    await client.get_roster()
    client.send_presence()
    await asyncio.sleep(0.2)
    try:
        yield person
    finally:
        await client.disconnect(wait=1.0)
