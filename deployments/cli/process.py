"""`./callout process check | diff | schema | draw`: looking at process files before they run."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from deployments.cli.desk import DIFFERENT_EXIT, opened_desk
from deployments.settings import read_settings
from tasks.gateways.process_files import (
    FOLDER,
    ProcessSource,
    is_ready_file,
    read_process_file,
    read_processes,
    read_ready,
    read_ready_file,
    require,
)
from tasks.gateways.strict_yaml import SourceFile, parse_yaml
from tasks.rules.errors import OfficeError, UsageError
from tasks.rules.process.definition import Definition
from tasks.rules.process.references import check_references
from tasks.rules.process_tools.chart import chart_of
from tasks.rules.process_tools.check_words import Remark, in_order, remarks_of, trial_line
from tasks.rules.process_tools.diff import compare
from tasks.rules.process_tools.diff_words import change_lines, changes_json
from tasks.rules.process_tools.draw_mermaid import draw_mermaid
from tasks.rules.process_tools.draw_svg import draw_svg
from tasks.rules.process_tools.findings import find_flaws
from tasks.rules.process_tools.json_schema import process_schema
from tasks.rules.process_tools.orders import try_orders

SCHEMA_FILE = "process.schema.json"


def check_processes(arguments: argparse.Namespace) -> int:
    """Everything wrong with the files, what they forget, and what depends on the order; 1 when there is an error."""
    language, roles = office_words()
    office = office_processes()
    rules = [file for file in arguments.files if is_ready_file(file)]
    files = [file for file in arguments.files if file not in rules]
    sources = {str(file): read_process_file(file, os.environ) for file in files} or ({} if rules else dict(office))
    known = {name: found.definition for name, found in office.items() if not found.problems()}
    reports = [
        _check(name, found, known, roles, language, steps=arguments.steps) for name, found in sorted(sources.items())
    ]
    ready = [read_ready_file(file, os.environ) for file in rules] if arguments.files else _office_ready()
    reports += [_check_ready(source, language) for source in ready]
    if arguments.json:
        print(json.dumps(reports, ensure_ascii=False))
    else:
        print("\n".join(line for report in reports for line in report["lines"]))
    return DIFFERENT_EXIT if any(report["errors"] for report in reports) else 0


def _check(
    name: str,
    found: ProcessSource,
    known: Mapping[str, Definition],
    roles: frozenset[str] | None,
    language: str,
    *,
    steps: int,
) -> dict[str, Any]:
    """One file's report: `lines` for people, `remarks` for a script."""
    problems = found.problems() + [line for one in found.ready.values() for line in one.sorted_problems()]
    if problems:
        remarks = [Remark("error", *_split(problem)) for problem in problems]
        return _report(name, found.definition, remarks, "")
    definition = found.definition
    remarks = []
    if roles is not None:
        flaws = check_references({**known, definition.name: definition}, roles)
        remarks = [
            Remark("error", found.place(path), why) for process, path, why in flaws if process == definition.name
        ]
    trial = try_orders(definition, steps) if steps else None
    remarks += remarks_of(definition, find_flaws(definition), trial, found.place, language)
    tail = trial_line(trial, language) if trial else ""
    if not remarks:
        tail = f"{in_order(language)}; {tail}" if tail else in_order(language)
    return _report(name, definition, remarks, tail)


def _check_ready(source: SourceFile, language: str) -> dict[str, Any]:
    """A ready rule's report; what it does is tried in the processes that take it over."""
    remarks = [Remark("error", *_split(problem)) for problem in source.sorted_problems()]
    lines = [remark.line() for remark in remarks] or [f"{Path(source.name).stem}: {in_order(language)}"]
    return _as_report(source.name, remarks, lines)


def _report(name: str, definition: Definition, remarks: list[Remark], tail: str) -> dict[str, Any]:
    lines = [remark.line() for remark in remarks]
    if tail:
        lines.append(f"{definition.name} {definition.version}: {tail}")
    return _as_report(name, remarks, lines)


def _as_report(name: str, remarks: list[Remark], lines: list[str]) -> dict[str, Any]:
    return {
        "file": name,
        "errors": sum(remark.severity == "error" for remark in remarks),
        "warnings": sum(remark.severity == "warning" for remark in remarks),
        "remarks": [{"severity": one.severity, "place": one.place, "words": one.words} for one in remarks],
        "lines": lines,
    }


def _split(problem: str) -> tuple[str, str]:
    """'file:line: reason' as place and reason."""
    place, _, reason = problem.partition(": ")
    return place, reason


def show_diff(arguments: argparse.Namespace) -> int:
    """What differs between two processes, as things; 1 when anything does."""
    language, _ = office_words()
    if arguments.new is None:
        new = read_named(arguments.old)
        old = _running(str(new["process"]))
    else:
        old, new = read_named(arguments.old), read_named(arguments.new)
    changes = compare(old, new)
    if arguments.json:
        print(json.dumps(changes_json(changes), ensure_ascii=False, default=str))
    else:
        print("\n".join(change_lines(changes, language)))
    return DIFFERENT_EXIT if changes else 0


def write_schema(arguments: argparse.Namespace) -> int:
    """The JSON Schema for editors, printed or written into the office folder."""
    text = json.dumps(process_schema(), indent=2, ensure_ascii=False)
    if not arguments.write:
        print(text)
        return 0
    file = read_settings().office / SCHEMA_FILE
    file.write_text(f"{text}\n", encoding="utf-8")
    print(file)
    return 0


def draw_process(arguments: argparse.Namespace) -> int:
    """A process as a picture; with --live as the office runs it now."""
    language, _ = office_words()
    raw = read_named(arguments.name)
    chart = chart_of(raw, arguments.language or language)
    live = None
    if arguments.live:
        with opened_desk() as desk:
            from tasks.process_tools.live import read_live

            live = read_live(desk, str(raw["process"]), datetime.now(UTC), arguments.days)
    draw = draw_mermaid if arguments.mermaid else draw_svg
    picture = draw(chart, live, arguments.language or language)
    if arguments.output is None:
        print(picture, end="")
    else:
        arguments.output.write_text(picture, encoding="utf-8")
        print(arguments.output)
    return 0


def read_named(name: str) -> dict[str, Any]:
    """The content of a process that a person names: a file, NAME of the office folder, or NAME@VERSION as it ran.

    Raises UsageError when there is none, OfficeError when the file has mistakes.
    """
    stem, _, version = name.partition("@")
    if version:
        return _kept(stem, version)
    if Path(name).is_file() or name.endswith((".yaml", ".yml")):
        return require(read_process_file(Path(name), os.environ)).raw
    office = office_processes()
    if stem not in office:
        raise UsageError(f"no process {stem!r}: name a file, one of {', '.join(sorted(office))}, or NAME@VERSION")
    return require(office[stem]).raw


def _kept(name: str, version: str) -> dict[str, Any]:
    with opened_desk() as desk:
        from tasks.gateways.store.connection import reading
        from tasks.gateways.store.process_definitions import read_definitions

        with reading(desk.engine) as connection:
            kept = {str(one.version): one for one in read_definitions(connection) if one.name == name}
    if version not in kept:
        there = f"there are {', '.join(kept)}" if kept else "it has never run here"
        raise UsageError(f"no version {version} of {name!r}: {there}")
    return kept[version].raw()


def _running(name: str) -> dict[str, Any]:
    """The newest version that the office has run. Raises UsageError when it has run none."""
    with opened_desk() as desk:
        from tasks.gateways.store.connection import reading
        from tasks.gateways.store.process_definitions import read_definitions

        with reading(desk.engine) as connection:
            kept = [one for one in read_definitions(connection) if one.name == name]
    if not kept:
        raise UsageError(f"{name!r} has never run here: name the file to compare with, too")
    return max(kept, key=lambda one: one.version).raw()


def read_yaml(file: Path) -> Any:
    """The content of a YAML file. Raises UsageError, OfficeError."""
    try:
        source = parse_yaml(str(file), file.read_bytes(), os.environ)
    except OSError as error:
        raise UsageError(f"{file}: cannot be read: {error.strerror}") from error
    if source.is_broken:
        raise OfficeError(source.sorted_problems())
    return source.value


def office_processes() -> dict[str, ProcessSource]:
    """Every process file of the office folder, with whatever is wrong with it."""
    contents = _office_files()
    return dict(read_processes(contents, os.environ, read_ready(contents, os.environ)))


def _office_ready() -> list[SourceFile]:
    return list(read_ready(_office_files(), os.environ).values())


def _office_files() -> dict[str, bytes]:
    folder = read_settings().office
    files = sorted((folder / FOLDER).rglob("*.yaml"))
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}


def office_words() -> tuple[str, frozenset[str] | None]:
    """The office's language, and the roles that somebody has, also while other files of the folder have mistakes."""
    head, people = (_parsed(name) for name in ("office.yaml", "people.yaml"))
    language = str(head.get("language", "en"))
    found = people.get("people")
    if not isinstance(found, list):
        return language, None
    roles = [person.get("roles") for person in found if isinstance(person, Mapping)]
    return language, frozenset(str(role) for held in roles if isinstance(held, list) for role in held)


def _parsed(name: str) -> Mapping[str, Any]:
    file = read_settings().office / name
    value = parse_yaml(name, file.read_bytes(), os.environ).value if file.is_file() else None
    return value if isinstance(value, Mapping) else {}
