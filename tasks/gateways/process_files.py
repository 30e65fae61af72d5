"""Process files of the office folder: parsed, ready rules put in, examined; every mistake with file, line and reason.

The office folder and `./callout process` read them through this one door, so that what is checked is what will run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tasks.gateways.strict_yaml import SourceFile, parse_yaml, plain_value
from tasks.rules.errors import OfficeError, UsageError
from tasks.rules.process.definition import Definition
from tasks.rules.process.loader import examine_definition
from tasks.rules.process_tools.ready import Merged, examine_ready, merge_ready

FOLDER = "processes/"
READY = "processes/ready/"
_NOT_MAPPING = "the file must hold keys with values"
_EMPTY = Definition("", 0, {}, "", {}, {}, {})


@dataclass(slots=True)
class ProcessSource:
    """One process file as far as it can be read. `raw` is what runs: the file with its ready rules in place."""

    source: SourceFile
    ready: Mapping[str, SourceFile]
    merged: Merged
    definition: Definition = field(default_factory=lambda: _EMPTY)

    @property
    def raw(self) -> dict[str, Any]:
        """The whole content, as it is kept with its version."""
        return self.merged.raw

    def place(self, path: tuple[str | int, ...]) -> str:
        """Where a part of `raw` is written, as 'file:line'."""
        origin = self.merged.origin(path)
        if origin is None:
            return f"{self.source.name}:{self.source.line_of(path)}"
        file = self.ready[origin.ready]
        return f"{file.name}:{file.line_of(origin.path)}"

    def problems(self) -> list[str]:
        """What is wrong with the process file itself, as 'file:line: reason'; ready files tell of themselves."""
        return self.source.sorted_problems()


def read_ready(contents: Mapping[str, bytes], variables: Mapping[str, str]) -> dict[str, SourceFile]:
    """The ready rules by name; `contents` are files by their name below the office folder."""
    found = {}
    for name, content in contents.items():
        if name.startswith(READY) and name.endswith(".yaml"):
            source = parse_yaml(name, content, variables)
            key = name.removeprefix(READY).removesuffix(".yaml")
            if not source.is_broken:
                for path, reason in examine_ready(key, source.value):
                    source.add_problem(path, reason)
            found[key] = source
    return found


def read_processes(
    contents: Mapping[str, bytes], variables: Mapping[str, str], ready: Mapping[str, SourceFile]
) -> Iterator[tuple[str, ProcessSource]]:
    """Every process file of an office folder by the name of its file, without the ending."""
    for name, content in contents.items():
        stem = name.removeprefix(FOLDER).removesuffix(".yaml")
        if name.startswith(FOLDER) and name.endswith(".yaml") and "/" not in stem:
            found = examine(parse_yaml(name, content, variables), ready)
            declared = found.raw.get("process")
            if declared not in (None, stem):
                found.source.add_problem(("process",), f"the process {declared!r} stands in the file {stem}.yaml")
            yield stem, found


def examine(source: SourceFile, ready: Mapping[str, SourceFile]) -> ProcessSource:
    """A parsed process file with its ready rules; mistakes are added to the file in which they stand."""
    if not isinstance(source.value, Mapping):
        if not source.is_broken:
            source.add_problem((), _NOT_MAPPING)
        return ProcessSource(source, ready, Merged({}))
    library = {name: file.value for name, file in ready.items() if not file.problems}
    merged = merge_ready(source.value, library)
    found = ProcessSource(source, ready, merged)
    for path, reason in merged.flaws:
        broken = next((name for name in ready if ready[name].problems and repr(name) in reason), "")
        source.add_problem(path, f"the ready rule {broken!r} has mistakes of its own" if broken else reason)
    found.definition, flaws = examine_definition(merged.raw)
    for path, reason in flaws:
        origin = merged.origin(path)
        if origin is None:
            source.add_problem(path, reason)
        else:
            where = ready[origin.ready]
            words = f"in the ready rule {origin.ready} ({where.name}:{where.line_of(origin.path)}): {reason}"
            source.add_problem(("ready",), words)
    return found


def read_process_file(file: Path, variables: Mapping[str, str]) -> ProcessSource:
    """One process file from anywhere; ready rules lie in the folder `ready` beside it. Raises UsageError."""
    try:
        content = file.read_bytes()
        beside = sorted((file.parent / "ready").glob("*.yaml"))
        ready = read_ready({f"{READY}{one.name}": one.read_bytes() for one in beside}, variables)
    except OSError as error:
        raise UsageError(f"{error.filename or file}: cannot be read: {error.strerror}") from error
    for name, source in ready.items():
        source.name = str(file.parent / "ready" / f"{name}.yaml")
    return examine(parse_yaml(str(file), content, variables), ready)


def is_ready_file(file: Path) -> bool:
    """Whether a file is a ready rule, which stands in the folder `ready`, and not a process."""
    return file.resolve().parent.name == "ready"


def read_ready_file(file: Path, variables: Mapping[str, str]) -> SourceFile:
    """One ready rule from anywhere. Raises UsageError."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file}: cannot be read: {error.strerror}") from error
    source = read_ready({f"{READY}{file.name}": content}, variables)[file.stem]
    source.name = str(file)
    return source


def require(found: ProcessSource) -> ProcessSource:
    """The process when it is in order. Raises OfficeError with every mistake."""
    if found.problems():
        raise OfficeError(found.problems())
    return found


def as_yaml(raw: Mapping[str, Any]) -> str:
    """A process as a file again, self-contained; read back it is the same content."""
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = None
    yaml.allow_unicode = True
    yaml.width = 120
    # the order of stages and rules is part of the content
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]  # declared as None, takes a flag
    yaml.representer.add_representer(Decimal, _write_decimal)
    yaml.representer.add_representer(str, _write_text)
    out = StringIO()
    yaml.dump(dict(raw), out)
    return out.getvalue()


def _write_decimal(representer: Any, value: Decimal) -> Any:
    text = format(value, "f")
    return representer.represent_scalar("tag:yaml.org,2002:float", text if "." in text else f"{text}.")


def _write_text(representer: Any, value: str) -> Any:
    """Text in quotes whenever our reader would take it for a number, a flag or nothing."""
    is_plain = plain_value(value) == value and isinstance(plain_value(value), str)
    return representer.represent_scalar("tag:yaml.org,2002:str", value, style=None if is_plain else '"')
