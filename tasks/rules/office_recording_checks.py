"""Whether what telephony.yaml says of recordings can work: each way needs its own keys, hosts and roles exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from tasks.rules.office import BUILT_IN_ROLES
from tasks.rules.office_checks import Flaw, Path, is_this_machine, reference_flaw
from tasks.rules.office_files import OfficeParts
from tasks.rules.office_recordings import RecordingSource
from tasks.rules.office_telephony import Telephony

_FILE = "telephony.yaml"
_SECRET = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
_HOST = re.compile(r"(?=.{1,253}(?::|$))[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]{1,5})?")
_MOST_MEGABYTES, _MOST_SECONDS, _MOST_DAYS, _MOST_HOURS = 1000, 3600, 36_500, 24 * 90
_PLACE = "{name}"


def check_recordings(parts: OfficeParts) -> Iterator[Flaw]:
    """Every mistake about recordings: of each call log, of each line, and of the whole office."""
    if not parts.telephony:
        return
    for position, log in enumerate(parts.telephony.logs):
        yield from _source_flaws(("logs", position, "recordings"), log.recordings)
    yield from _rule_flaws(parts.telephony)
    roles = (*BUILT_IN_ROLES, *parts.head.roles) if parts.head else None
    for path, opened in _opened(parts.telephony):
        for place, role in enumerate(opened):
            if roles is not None:
                yield from reference_flaw(_FILE, (*path, place), role, roles, "role")


def _opened(telephony: Telephony) -> Iterator[tuple[Path, tuple[str, ...]]]:
    yield ("recordings", "open_to"), telephony.recordings.open_to
    for position, line in enumerate(telephony.lines):
        yield ("lines", position, "open_to"), line.open_to


def _rule_flaws(telephony: Telephony) -> Iterator[Flaw]:
    rules = telephony.recordings
    if not 0 <= rules.keep_days <= _MOST_DAYS:
        yield Flaw(_FILE, ("recordings", "keep_days"), "0 (never removed) or a number of days")
    if not 1 <= rules.give_up_hours <= _MOST_HOURS:
        yield Flaw(_FILE, ("recordings", "give_up_hours"), f"must be 1 to {_MOST_HOURS} hours")


def _source_flaws(path: Path, source: RecordingSource) -> Iterator[Flaw]:
    yield from _way_flaws(path, source)
    if not 1 <= source.megabytes <= _MOST_MEGABYTES:
        yield Flaw(_FILE, (*path, "megabytes"), f"must be 1 to {_MOST_MEGABYTES}")
    if not 1 <= source.seconds <= _MOST_SECONDS:
        yield Flaw(_FILE, (*path, "seconds"), f"must be 1 to {_MOST_SECONDS}")
    if source.secret and not _SECRET.fullmatch(source.secret):
        yield Flaw(_FILE, (*path, "secret"), "secret is a name, never the password; set CALLOUT_SECRET_NAME for it")
    if source.login and not source.secret:
        yield Flaw(_FILE, (*path, "secret"), "a login needs the name of its password")
    for position, host in enumerate(source.hosts):
        if not _HOST.fullmatch(host):
            yield Flaw(
                _FILE, (*path, "hosts", position), f"{host!r} is no host; write files.example or files.example:8443"
            )


def _way_flaws(path: Path, source: RecordingSource) -> Iterator[Flaw]:
    is_asked = source.way in ("https", "link")
    if source.way == "folder" and not source.folder:
        yield Flaw(_FILE, (*path, "folder"), "the folder with the recordings is not named")
    if is_asked and not source.hosts:
        yield Flaw(_FILE, (*path, "hosts"), "only hosts that are named here are asked: name at least one")
    unread = {"folder": source.way != "folder", "url": not is_asked, "hosts": not is_asked}
    unread |= {"login": source.way != "https", "secret": source.way != "https"}
    for name, is_unread in unread.items():
        if is_unread and getattr(source, name):
            yield Flaw(_FILE, (*path, name), f"way {source.way} has no {name}: nothing reads it")
    if is_asked and source.url:
        yield from _url_flaws((*path, "url"), source)


def _url_flaws(path: Path, source: RecordingSource) -> Iterator[Flaw]:
    place = urlsplit(source.url.replace(_PLACE, "name"))
    if place.scheme != "https" and not (place.scheme == "http" and is_this_machine(place.hostname or "")):
        yield Flaw(_FILE, path, "recordings travel by https only")
    if place.username or place.password:
        yield Flaw(_FILE, path, "the url holds a login: use login and secret")
    if source.url.count(_PLACE) != 1 or _PLACE in source.url.partition("//")[2].partition("/")[0]:
        yield Flaw(_FILE, path, "{name} stands once, behind the host, where the recording's name goes")
    if place.hostname and place.netloc.rpartition("@")[2] not in source.hosts:
        yield Flaw(_FILE, path, f"hosts does not name {place.netloc!r}")
