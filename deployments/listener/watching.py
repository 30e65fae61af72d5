"""Watching one folder of a mailbox: a line that holds, and again after a growing pause whenever it is lost."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from threading import Event, Lock

from deployments.listener.worklist import Job, Worklist
from tasks.gateways.imap_idle import Watch, watch_folder
from tasks.gateways.secrets_source import SecretSource
from tasks.rules.errors import CalloutError, CredentialError
from tasks.rules.office import Mailbox

_log = logging.getLogger("callout.listener")
_FIRST_PAUSE_SECONDS = 2.0
_LONGEST_PAUSE_SECONDS = 300.0
_REFUSED_PAUSE_SECONDS = 60.0  # a wrong password offered too often locks an account
_GOOD_SECONDS = 60.0  # a line that held this long was no flicker
_POLL_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Station:
    """One place to listen at; `secret_mark` tells a changed password. A POP3 mailbox has the one folder ''."""

    mailbox: Mailbox
    folder: str
    secret_mark: str


@dataclass(slots=True)
class Pulse:
    """When the server of each station last answered, on the clock of the watchers."""

    _answered: dict[Station, float] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def beat(self, station: Station, at: float) -> None:
        """The station's server answered."""
        with self._lock:
            self._answered[station] = at

    def forget(self, station: Station) -> None:
        """Nobody listens there any longer."""
        with self._lock:
            self._answered.pop(station, None)

    def last(self, station: Station) -> float:
        """When it last answered; minus infinity for never."""
        with self._lock:
            return self._answered.get(station, float("-inf"))


def watch_station(secrets: SecretSource, station: Station, worklist: Worklist, pulse: Pulse, stop: Event) -> None:
    """Listen at an IMAP folder until `stop`, and again after a growing pause whenever the line is lost."""
    name = station.mailbox.name

    def on_news() -> None:
        _log.info("mailbox %s: look for mail", name)
        worklist.want(Job("mail", name))

    watch = Watch(on_news, lambda: pulse.beat(station, time.monotonic()), stop.is_set)
    pause_seconds = _FIRST_PAUSE_SECONDS
    while not stop.is_set():
        began = time.monotonic()
        try:
            watch_folder(station.mailbox, secrets.read(station.mailbox.secret), station.folder, watch)
        except CredentialError as error:
            pause_seconds = max(pause_seconds, _REFUSED_PAUSE_SECONDS)
            _log.warning("%s; again in %.0f s", error, pause_seconds)
        except CalloutError as error:
            _log.warning("%s; again in %.0f s", error, pause_seconds)
        except Exception:
            _log.exception("mailbox %s: again in %.0f s", name, pause_seconds)
        was_good = time.monotonic() - began > _GOOD_SECONDS
        pause_seconds = _FIRST_PAUSE_SECONDS if was_good else pause_seconds
        stop.wait(pause_seconds)
        pause_seconds = min(pause_seconds * 2, _LONGEST_PAUSE_SECONDS)


def poll_station(station: Station, worklist: Worklist, stop: Event) -> None:
    """Have a POP3 mailbox looked into every minute until `stop`: its protocol tells nobody of new mail (RFC 1939)."""
    while not stop.is_set():
        worklist.want(Job("mail", station.mailbox.name))
        stop.wait(_POLL_SECONDS)
