"""The office folder: read whole, refused with file, line and reason of every mistake, or given as one Office.

Reading it again costs one pass over the bytes: the parsed Office is kept by the digest of the files and of the
environment variables they name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from tasks.gateways.office_contents import digest_of, named_variables, read_contents
from tasks.gateways.office_registers import read_register
from tasks.gateways.office_values import read_values
from tasks.gateways.strict_yaml import SourceFile, parse_yaml
from tasks.rules.errors import OfficeError
from tasks.rules.leads.qualification_form import QualificationForm
from tasks.rules.nearest_name import nearest
from tasks.rules.office import BUILT_IN_ROLES, CallLog, Office, RegisterEntry, Telephony
from tasks.rules.office_brand_checks import check_brands
from tasks.rules.office_channel_checks import check_channels
from tasks.rules.office_checks import check_office
from tasks.rules.office_client_checks import check_clients_and_registers
from tasks.rules.office_door_checks import check_door
from tasks.rules.office_files import (
    ClientsFile,
    FormsFile,
    HeadFile,
    MailboxesFile,
    OfficeParts,
    PeopleFile,
    PricesFile,
    RegistersFile,
)
from tasks.rules.office_log_checks import check_logs
from tasks.rules.office_mailbox_checks import check_mailboxes
from tasks.rules.office_qualification_checks import check_qualification
from tasks.rules.office_recording_checks import check_recordings
from tasks.rules.office_routing_checks import check_routing
from tasks.rules.office_sending_checks import check_sending
from tasks.rules.process.definition import Definition
from tasks.rules.process.loader import examine_definition, wordings_used
from tasks.rules.process.references import check_references
from tasks.rules.process_tools.ready import Merged, merge_ready

_READ = (
    "office.yaml",
    "mailboxes.yaml",
    "telephony.yaml",
    "people.yaml",
    "clients.yaml",
    "prices.yaml",
    "registers.yaml",
    "forms.yaml",
    "qualification.yaml",
)
_PROCESSES, _READY = "processes/", "processes/ready/"
_KEPT = 8
_offices: dict[tuple[Path, str], Office] = {}

T = TypeVar("T")


def load_office(folder: Path) -> Office:
    """The office that `folder` declares. Raises OfficeError with every problem as 'file:line: reason'."""
    folder = folder.resolve()
    contents = read_contents(folder)
    variables = named_variables(contents)
    digest = digest_of(contents, variables)
    if (folder, digest) not in _offices:
        office = _Reader(folder, contents, variables).office(digest)
        if len(_offices) >= _KEPT:
            _offices.clear()
        _offices[folder, digest] = office
    return _offices[folder, digest]


class _Reader:
    """One reading of the folder: collects the problems of all files before it refuses."""

    def __init__(self, folder: Path, contents: Mapping[str, bytes], variables: Mapping[str, str]) -> None:
        self._folder = folder
        self._contents = contents
        self._variables = variables
        self._sources: dict[str, SourceFile] = {}
        self._definitions: dict[str, Definition] = {}
        self._merged: dict[str, Merged] = {}

    def office(self, digest: str) -> Office:
        parts = self._parts()
        processes = dict(self._processes())
        self._check_references(parts)
        for name in self._contents:
            self._check_name(name)
        for flaw in (
            *check_sending(parts),
            *check_channels(parts),
            *check_brands(parts),
            *check_office(parts),
            *check_logs(parts),
            *check_routing(parts),
            *check_recordings(parts),
            *check_mailboxes(parts),
            *check_door(parts),
            *check_clients_and_registers(parts),
            *check_qualification(parts),
        ):
            self._source(flaw.file).add_problem(flaw.path, flaw.reason)
        problems = [problem for name in sorted(self._sources) for problem in self._sources[name].sorted_problems()]
        if problems:
            raise OfficeError(problems)
        return self._assembled(parts, processes, digest)

    def _parts(self) -> OfficeParts:
        registers = self._typed("registers.yaml", RegistersFile)
        entries = {register.key: self._entries(register.key) for register in (registers.registers if registers else ())}
        return OfficeParts(
            head=self._typed("office.yaml", HeadFile),
            mailboxes=self._typed("mailboxes.yaml", MailboxesFile),
            telephony=self._typed("telephony.yaml", Telephony),
            people=self._typed("people.yaml", PeopleFile),
            clients=self._typed("clients.yaml", ClientsFile),
            prices=self._typed("prices.yaml", PricesFile),
            registers=registers,
            entries=entries,
            forms=self._typed("forms.yaml", FormsFile) if "forms.yaml" in self._contents else FormsFile(),
            qualification=self._qualification(),
        )

    def _qualification(self) -> QualificationForm | None:
        """An office without this file asks nothing about a lead."""
        name = "qualification.yaml"
        return self._typed(name, QualificationForm) if name in self._contents else QualificationForm()

    def _source(self, name: str) -> SourceFile:
        if name not in self._sources:
            self._sources[name] = SourceFile(name)
        return self._sources[name]

    def _typed(self, name: str, kind: type[T]) -> T | None:
        if name not in self._contents:
            self._source(name).add_problem((), "the file is missing")
            return None
        source = self._sources[name] = parse_yaml(name, self._contents[name], self._variables)
        return None if source.is_broken else read_values(source, kind)

    def _entries(self, key: str) -> tuple[RegisterEntry, ...]:
        name = f"registers/{key}.csv"
        if name not in self._contents:
            self._source(name).add_problem((), f"the file is missing; registers.yaml declares the register {key!r}")
            return ()
        source, entries = read_register(name, self._contents[name])
        self._sources[name] = source
        return entries

    def _processes(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every process file, with the ready rules that it takes in, as it will be run."""
        library = {name.removeprefix(_READY).removesuffix(".yaml"): raw for name, raw in self._raws(_READY)}
        for name, raw in self._raws(_PROCESSES):
            if "/" in name.removeprefix(_PROCESSES):
                continue
            merged = merge_ready(raw, library)
            source = self._sources[name]
            for path, reason in merged.flaws:
                source.add_problem(path, reason)
            self._examine(source, merged)
            yield name.removeprefix(_PROCESSES).removesuffix(".yaml"), merged.raw

    def _raws(self, folder: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """The YAML files below a folder as keys with values; others get their problem."""
        for name in self._contents:
            if name.startswith(folder) and name.endswith(".yaml"):
                if name not in self._sources:
                    self._sources[name] = parse_yaml(name, self._contents[name], self._variables)
                source = self._sources[name]
                if isinstance(source.value, dict):
                    yield name, source.value
                elif not source.is_broken:
                    source.add_problem((), "the file must hold keys with values")

    def _examine(self, source: SourceFile, merged: Merged) -> None:
        """A process is read here as it will be run, so that its mistakes have lines too."""
        definition, flaws = examine_definition(merged.raw)
        for path, reason in flaws:
            self._blame(source, merged, path, reason)
        for wording in sorted(wordings_used(definition)):
            if not any((self._folder / "templates").glob(f"*/{wording}.txt.j2")):
                source.add_problem((), f"no template {wording}.txt.j2 in templates/ru or templates/en")
        if not flaws:
            self._definitions[source.name] = definition
            self._merged[source.name] = merged

    def _blame(self, source: SourceFile, merged: Merged, path: tuple[str | int, ...], reason: str) -> None:
        """A mistake of a ready rule is shown in its own file."""
        origin = merged.origin(path)
        if origin is None:
            source.add_problem(path, reason)
        else:
            self._source(f"{_READY}{origin.ready}.yaml").add_problem(origin.path, reason)

    def _check_references(self, parts: OfficeParts) -> None:
        """Roles, and processes that start each other: what only the whole folder can answer."""
        files = {definition.name: file for file, definition in self._definitions.items()}
        for file, definition in self._definitions.items():
            if files[definition.name] != file:
                self._source(file).add_problem(
                    ("process",), f"{files[definition.name]} is the process {definition.name}"
                )
        roles = (*BUILT_IN_ROLES, *(parts.head.roles if parts.head else ()))
        definitions = {definition.name: definition for definition in self._definitions.values()}
        for name, path, reason in check_references(definitions, roles):
            self._blame(self._source(files[name]), self._merged[files[name]], path, reason)

    def _check_name(self, name: str) -> None:
        """A file that nobody would read is most likely a misspelt one."""
        if "/" not in name and name.endswith((".yaml", ".yml")) and name not in _READ:
            hint = nearest(name, _READ)
            self._source(name).add_problem((), f"nothing reads this file{f'; is it {hint}?' if hint else ''}")
        elif name.startswith("pipelines/"):
            self._source(name).add_problem(
                (), "process files lie in processes/ now; move it there and check its grammar"
            )
        elif name.startswith(("registers/", "processes/")) and name not in self._sources:
            self._source(name).add_problem((), "nothing reads this file; check its name")

    def _assembled(self, parts: OfficeParts, processes: dict[str, dict[str, Any]], digest: str) -> Office:
        head, mailboxes, telephony, people = parts.head, parts.mailboxes, parts.telephony, parts.people
        clients, prices, registers, form = parts.clients, parts.prices, parts.registers, parts.qualification
        if not (head and mailboxes and telephony and people and clients and prices and registers and form):
            raise AssertionError("a file without problems was not read")
        logs = tuple(self._with_whole_folder(log) for log in telephony.logs)
        return Office(
            name=head.name,
            domain=head.domain,
            time_zone=head.time_zone,
            language=head.language,
            currency=head.currency,
            hours=head.hours,
            sender=head.sender,
            lead_times=head.lead_times,
            mailboxes=mailboxes.mailboxes,
            telephony=replace(telephony, logs=logs),
            people=people.people,
            clients=clients.clients,
            prices=prices.prices,
            own_roles=head.roles,
            qualification=form,
            registers=tuple(replace(r, entries=parts.entries[r.key]) for r in registers.registers),
            processes=processes,
            templates=str(self._folder / "templates"),
            digest=digest,
            quiet_from=head.quiet_from,
            quiet_until=head.quiet_until,
            brakes=head.brakes,
            brands=head.brands,
            brand=head.brand,
            channels=head.channels,
            door=head.door,
            answers_needed=head.answers_needed,
            forms=parts.forms.forms if parts.forms else (),
        )

    def _with_whole_folder(self, log: CallLog) -> CallLog:
        """A call log's folders may be written relative to the office folder."""
        sounds = log.recordings
        if sounds.folder:
            log = replace(log, recordings=replace(sounds, folder=str(self._folder / sounds.folder)))
        return replace(log, folder=str(self._folder / log.folder)) if log.folder else log
