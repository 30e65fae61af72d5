"""What must hold for the door and the forms of the sites."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from tasks.rules.office_checks import Flaw, Path, doubled, is_this_machine, key_flaw
from tasks.rules.office_door import Door, FormField, SiteForm
from tasks.rules.office_files import OfficeParts

_HEAD = "office.yaml"
_FORMS = "forms.yaml"
_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")
_SECRET = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
_MOST_CHARS = 20_000
_MOST_KILOBYTES = 1024
_MOST_WITH_FILES = 25 * 1024
_MOST_FILES = 20
_REACHED_BY = {"mail", "phone"}


def check_door(parts: OfficeParts) -> Iterator[Flaw]:
    """Mistakes in `door` of office.yaml and in forms.yaml."""
    if parts.head:
        yield from _check_head(parts.head.door)
    if parts.forms:
        forms = parts.forms.forms
        yield from doubled(_FORMS, ("forms",), "name", [form.name for form in forms])
        for position, form in enumerate(forms):
            yield from _check_form(("forms", position), form)


def _check_head(door: Door) -> Iterator[Flaw]:
    path: Path = ("door", "url")
    if door.url and not is_origin(door.url):
        yield Flaw(_HEAD, path, f"{door.url!r} is no address; write it like https://door.north-service.example")
    elif door.url.startswith("http:") and not is_this_machine(urlsplit(door.url).hostname or ""):
        yield Flaw(_HEAD, path, "http is for this machine only; people sign in here, so it must be https")
    for name, value, high in (("undo_seconds", door.undo_seconds, 600), ("link_days", door.link_days, 365)):
        low = 0 if name == "undo_seconds" else 1
        if not low <= value <= high:
            yield Flaw(_HEAD, ("door", name), f"{name} {value} is not between {low} and {high}")


def _check_form(path: Path, form: SiteForm) -> Iterator[Flaw]:
    yield from key_flaw(_FORMS, (*path, "name"), form.name)
    for position, origin in enumerate(form.origins):
        if not is_origin(origin) or origin.endswith("/"):
            yield Flaw(_FORMS, (*path, "origins", position), f"{origin!r} is no origin; write https://www.site.example")
    if form.thanks_url and urlsplit(form.thanks_url).scheme not in ("http", "https"):
        yield Flaw(_FORMS, (*path, "thanks_url"), f"{form.thanks_url!r} is no web address")
    if form.secret and not _SECRET.fullmatch(form.secret):
        yield Flaw(_FORMS, (*path, "secret"), "secret is a name, never the key itself; set CALLOUT_SECRET_NAME for it")
    has_files = any(field.kind == "file" for field in form.fields)
    limits = (
        ("max_kilobytes", form.max_kilobytes, _MOST_WITH_FILES if has_files else _MOST_KILOBYTES),
        ("per_hour_from_one_address", form.per_hour_from_one_address, 100_000),
        ("per_hour", form.per_hour, 1_000_000),
    )
    for name, value, high in limits:
        if not 1 <= value <= high:
            yield Flaw(_FORMS, (*path, name), f"{name} {value} is not between 1 and {high}")
    yield from _check_fields((*path, "fields"), form)


def _check_fields(path: Path, form: SiteForm) -> Iterator[Flaw]:
    yield from doubled(_FORMS, path, "name", [field.name for field in form.fields])
    meanings = [field.meaning for field in form.fields]
    yield from doubled(_FORMS, path, "meaning", meanings)
    if not _REACHED_BY & set(meanings):
        yield Flaw(_FORMS, path, "nobody could be answered: one field needs the meaning mail or phone")
    if form.honeypot in [field.name for field in form.fields]:
        yield Flaw(_FORMS, (*path[:-1], "honeypot"), f"{form.honeypot!r} is a field people fill in: name another one")
    for position, field in enumerate(form.fields):
        yield from _check_field((*path, position), field)


def _check_field(path: Path, field: FormField) -> Iterator[Flaw]:
    if not _FIELD.fullmatch(field.name):
        yield Flaw(_FORMS, (*path, "name"), f"{field.name!r} is no field name")
    if (field.kind == "choice") != bool(field.options):
        yield Flaw(_FORMS, (*path, "options"), "options and kind choice go together")
    if field.meaning in _REACHED_BY and field.kind != field.meaning:
        yield Flaw(_FORMS, (*path, "kind"), f"a field with the meaning {field.meaning} is of the kind {field.meaning}")
    if field.kind == "file" and field.meaning:
        yield Flaw(_FORMS, (*path, "meaning"), "a file has no meaning of its own")
    if not 1 <= field.max_files <= _MOST_FILES:
        yield Flaw(_FORMS, (*path, "max_files"), f"max_files {field.max_files} is not between 1 and {_MOST_FILES}")
    if not 1 <= field.max_file_kilobytes <= _MOST_WITH_FILES:
        words = f"max_file_kilobytes {field.max_file_kilobytes} is not between 1 and {_MOST_WITH_FILES}"
        yield Flaw(_FORMS, (*path, "max_file_kilobytes"), words)
    if not 1 <= field.max_chars <= _MOST_CHARS:
        yield Flaw(_FORMS, (*path, "max_chars"), f"max_chars {field.max_chars} is not between 1 and {_MOST_CHARS}")


def is_origin(url: str) -> bool:
    """Whether this is scheme, host and perhaps port, and nothing more (RFC 6454)."""
    try:
        parts = urlsplit(url)
        is_whole = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return is_whole and parts.path in ("", "/") and not (parts.query or parts.fragment or parts.username)
