"""What must hold of the call logs that telephony.yaml declares: each kind needs its own keys, and no others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from tasks.rules.calls.log_columns import missing_columns
from tasks.rules.office_checks import Flaw, Path, country_flaw, doubled, is_this_machine, key_flaw, zone_flaw
from tasks.rules.office_files import OfficeParts
from tasks.rules.office_telephony import LISTED_KINDS, CallLog, Manager, manager_place

_FILE = "telephony.yaml"
_SECRET = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
_TOKENS = {
    "bitrix24": "the webhook's token",
    "zadarma": "the secret that holds key:secret",
    "twilio": "the secret that holds AccountSid:AuthToken",
}
_TABLES = re.compile(r"\w+(\s*,\s*\w+)?")


def check_logs(parts: OfficeParts) -> Iterator[Flaw]:
    """Every mistake in the list of call logs."""
    logs = parts.telephony.logs if parts.telephony else ()
    yield from doubled(_FILE, ("logs",), "name", [log.name for log in logs])
    for position, log in enumerate(logs):
        path: Path = ("logs", position)
        yield from key_flaw(_FILE, (*path, "name"), log.name)
        yield from zone_flaw(_FILE, (*path, "time_zone"), log.time_zone)
        yield from country_flaw(_FILE, (*path, "country"), log.country)
        yield from _source_flaws(path, log)
        yield from _secret_flaws(path, log)
        yield from _manager_flaws((*path, "ami"), log)
        for person, extension in log.people.items():
            if not re.fullmatch(r"\d{2,6}", extension):
                yield Flaw(_FILE, (*path, "people", person), f"{extension!r}: an extension is 2 to 6 digits, in quotes")


def _source_flaws(path: Path, log: CallLog) -> Iterator[Flaw]:
    if log.has_files:
        can_be_asked = log.kind in LISTED_KINDS
        if not log.folder:
            other = ", nor a url to ask" if can_be_asked else ""
            yield Flaw(
                _FILE, (*path, "folder"), f"the folder with the files of this {log.kind} log is not named{other}"
            )
        if log.url and can_be_asked:
            yield Flaw(_FILE, (*path, "url"), f"{log.kind} is read from a folder or asked at a url, not both")
        elif log.url:
            yield Flaw(_FILE, (*path, "url"), f"{log.kind} is read from a folder, nothing asks this url")
        if "/" in log.files:
            yield Flaw(_FILE, (*path, "files"), "files are names or patterns in the folder, without /")
    elif log.kind != "post":
        yield from _url_flaws(path, log)
    else:
        yield from _unread(path, log, ("folder", "url"))
    missing = missing_columns(log.kind, log.columns) if log.columns else ()
    if missing:
        yield Flaw(_FILE, (*path, "columns"), f"the columns do not name {', '.join(missing)}")


def _url_flaws(path: Path, log: CallLog) -> Iterator[Flaw]:
    yield from _unread(path, log, ("folder", "files", *(("columns",) if log.kind in LISTED_KINDS else ())))
    place = urlsplit(log.url)
    if not place.scheme or (not place.hostname and not place.scheme.startswith("sqlite")):
        yield Flaw(_FILE, (*path, "url"), f"{log.kind} is asked at an address: give url")
    elif place.password:
        yield Flaw(_FILE, (*path, "url"), "the url holds a password: name a secret instead")
    elif log.kind in LISTED_KINDS and place.scheme != "https" and not is_this_machine(place.hostname or ""):
        yield Flaw(_FILE, (*path, "url"), "the token would travel in the open: write https://")
    if log.kind == "asterisk_table" and not _TABLES.fullmatch(log.tables.strip()):
        yield Flaw(_FILE, (*path, "tables"), "tables is the table of calls, and after a comma that of queue events")


def _manager_flaws(path: Path, log: CallLog) -> Iterator[Flaw]:
    place = log.ami
    if place == Manager():
        return
    if log.kind not in ("asterisk", "asterisk_table"):
        yield Flaw(_FILE, path, f"{log.kind} has no manager interface: ami is for asterisk and asterisk_table")
    try:
        manager_place(place.address)
    except ValueError:
        yield Flaw(_FILE, (*path, "address"), f"{place.address!r}: give host:port, e.g. pbx.example:5038")
    if not place.user or not place.user.isprintable():
        yield Flaw(_FILE, (*path, "user"), "the user of manager.conf is not named")
    if not _SECRET.fullmatch(place.secret):
        yield Flaw(_FILE, (*path, "secret"), "secret is a name, never the password; set CALLOUT_SECRET_NAME for it")


def _unread(path: Path, log: CallLog, names: tuple[str, ...]) -> Iterator[Flaw]:
    for name in names:
        if getattr(log, name):
            yield Flaw(_FILE, (*path, name), f"{log.kind} has no {name}: nothing reads it")


def _secret_flaws(path: Path, log: CallLog) -> Iterator[Flaw]:
    for name in ("secret", "post_secret"):
        value = getattr(log, name)
        if value and not _SECRET.fullmatch(value):
            yield Flaw(_FILE, (*path, name), f"{name} is a name, never the password; set CALLOUT_SECRET_NAME for it")
    if log.kind == "post" and not log.post_secret:
        yield Flaw(_FILE, (*path, "post_secret"), "the door takes calls only with a token: name its secret")
    if log.kind in _TOKENS and not log.has_files and not log.secret:
        yield Flaw(_FILE, (*path, "secret"), f"{_TOKENS[log.kind]} is not named")
    if log.post_secret and log.kind not in ("post", "bitrix24"):
        yield Flaw(_FILE, (*path, "post_secret"), f"{log.kind} posts nothing that could be read; use kind post")
