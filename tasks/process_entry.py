"""Items begun, and commands given with values, from a form: any process, any command of its file.

Values are lines `name: value`, read like those of an answer by mail; a contact is named by mail address or telephone.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.desk import Desk
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.contacts import find_contacts
from tasks.gateways.store.process_items import ConflictError, load_item
from tasks.office_round import NoDefinitionError, OfficeRound, begin_round
from tasks.process_acts import BeginRefusedError, explain, start_item
from tasks.process_forms import Filled, FormResult, act_on_item, item_of, person_of
from tasks.rules.deal_answers import Given, read_values
from tasks.rules.errors import UsageError
from tasks.rules.mail_address import canonical_mail
from tasks.rules.nearest_name import nearest
from tasks.rules.phones import to_e164
from tasks.rules.process.definition import Definition
from tasks.rules.reply_command import ReplyCommand

_LINE = re.compile(r"\s*([^:=]{1,60}?)\s*[:=]\s*(.*\S)\s*")
_KEY_CHARS = 24


@task(name="start-process", task_run_name="start-{process}", cache_policy=NO_CACHE)
def start_by_form(desk: Desk, process: str, who: str, title: str, values: str, now: datetime) -> FormResult:
    """Begin an item of a process; the same form filled in twice on a day begins one item.

    A refusal is no error: its reasons are told. Raises UsageError for a person or process that is not there, and for
    lines that are no values.
    """
    try:
        return _begin(desk, process, who, title, values, now)
    except ConflictError:  # another worker has just begun the same: now it is known
        return _begin(desk, process, who, title, values, now)


def _begin(desk: Desk, process: str, who: str, title: str, values: str, now: datetime) -> FormResult:
    with writing(desk.engine) as connection:
        run = begin_round(connection, desk.office, now)
        actor, language = person_of(connection, who, desk.office.language)
        definition = _definition(run, process)
        given = read_lines(connection, run, definition, values)
        if given.reasons:
            return FormResult({"refused": 1}, tuple(explain(given.reasons, language, connection, run, definition)))
        said = repr((process, actor, title, values, run.day(now)))
        key = f"form:{hashlib.sha256(said.encode()).hexdigest()[:_KEY_CHARS]}"
        try:
            item_id = start_item(
                connection, run, process, key=key, actor=actor, fields=given.sets, title=title, channel="prefect"
            )
        except BeginRefusedError as error:
            return FormResult({"refused": 1}, tuple(explain(error.reasons, language, connection, run, definition)))
        return FormResult({"started": 1}, (load_item(connection, item_id).number,))


@task(name="command-item", task_run_name="command-item", cache_policy=NO_CACHE)
def command_by_form(desk: Desk, number: str, command: str, who: str, values: str, now: datetime) -> FormResult:
    """Give an item a command of its process, with values. A refusal is no error: its reasons are told.

    Raises UsageError for a person or item that is not there, and for lines that are no values.
    """
    with reading(desk.engine) as connection:
        run = begin_round(connection, desk.office, now)
        _, language = person_of(connection, who, desk.office.language)
        stored = load_item(connection, item_of(connection, number))
        definition = run.definition(stored.process, stored.version)
        given = read_lines(connection, run, definition, values)
        notes = tuple(explain(given.reasons, language, connection, run, definition))
    if notes:
        return FormResult({"refused": 1}, notes)
    return act_on_item.fn(desk, Filled(who, command.strip(), number=number, sets=given.sets), now)


def read_lines(connection: sa.Connection, run: OfficeRound, definition: Definition, text: str) -> Given:
    """The values that lines `name: value` give to fields of a process; what cannot be read is a reason.

    Raises UsageError for a line that is none.
    """
    pairs = _pairs(definition, text)
    contacts: dict[str, Any] = {}
    for name, value in list(pairs.items()):
        if name in definition.fields and definition.fields[name].type == "contact":
            found = _contact(connection, run, value)
            if found:
                contacts[name] = found
                del pairs[name]
    known = {name: value for name, value in pairs.items() if name in definition.fields}
    others = tuple((name, value) for name, value in pairs.items() if name not in known)
    command = ReplyCommand("", fields=tuple(known.items()), others=others)
    given = read_values(run.knowledge(definition), command, run.now)
    return Given({} if given.reasons else {**given.sets, **contacts}, given.reasons)


def _pairs(definition: Definition, text: str) -> dict[str, str]:
    """Field name to text; a field is called by its name or by a title of it."""
    titles = {title.casefold(): name for name, part in definition.fields.items() for title in part.title.values()}
    found: dict[str, str] = {}
    for number, line in enumerate(filter(str.strip, text.splitlines()), 1):
        match = _LINE.fullmatch(line)
        if match is None:
            raise UsageError(f"values, line {number}: {line.strip()[:60]!r} is no value; write it like: name: value")
        name = match[1].casefold()
        found[titles.get(name, name)] = match[2]
    return found


def _contact(connection: sa.Connection, run: OfficeRound, text: str) -> str | None:
    """The known contact with this address or number."""
    points: Mapping[str, str | None] = {
        "mail": canonical_mail(text),
        "phone": to_e164(text, run.office.hours.country),
    }
    for kind, value in points.items():
        found = find_contacts(connection, kind, [value]) if value else {}
        if value in found:
            return f"contact:{found[value].contact_id}"
    return None


def _definition(run: OfficeRound, process: str) -> Definition:
    try:
        return run.newest(process.strip())
    except NoDefinitionError as error:
        names = sorted(run.definitions)
        hint = nearest(process.strip(), names)
        raise UsageError(
            f"there is no process {process!r}; {f'is it {hint}?' if hint else 'there are: ' + ', '.join(names)}"
        ) from error
