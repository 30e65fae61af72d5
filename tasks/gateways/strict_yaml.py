"""Reading YAML without its traps: YAML 1.2 core scalars only, no doubled keys, every value with its line.

`on`, `no`, `10:30` and `2026-11-17` stay text; only true/false, plain numbers and null are more than text.
Anchors, tags and several documents in one file are refused: a person must be able to read what a file says.
A scalar `${NAME}` or `${NAME:-default}` is replaced from the environment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from ruamel.yaml import YAML, events
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.reader import ReaderError

Path = tuple[str | int, ...]
VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")

_INTEGER = re.compile(r"[-+]?[0-9]+")
_DECIMAL = re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)")
_WORDS = {"": None, "~": None, "null": None, "Null": None, "NULL": None} | dict.fromkeys(("true", "True", "TRUE"), True)
_WORDS |= dict.fromkeys(("false", "False", "FALSE"), False)
_PASSWORD_KEY = re.compile(r"(?i)(?:.*[_-])?(?:password|passwd|pwd|passphrase|token|api[_-]?key|private[_-]?key)")
_DEEPEST = 60
_LONGEST_NUMBER = 100
_PASSWORD_URL = re.compile(r"[a-z]+://[^/@\s:]+:[^/@\s]+@")


@dataclass(slots=True)
class SourceFile:
    """One read file (YAML or a table): its value, the line (from 1) of every key and item, and what is wrong."""

    name: str
    value: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    problems: list[tuple[int, str]] = field(default_factory=list)
    is_broken: bool = False

    def line_of(self, path: Path) -> int:
        """The line of `path`, or of the nearest thing around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def add_problem(self, path: Path, reason: str) -> None:
        """Remember a mistake at `path`."""
        self.problems.append((self.line_of(path), reason))

    def refuse(self, line: int, reason: str) -> None:
        """Remember that the file cannot be read at all."""
        self.problems.append((line, reason))
        self.is_broken = True

    def sorted_problems(self) -> list[str]:
        """What is wrong, each once, as 'file:line: reason' in the order of lines."""
        return [f"{self.name}:{line}: {reason}" for line, reason in sorted(set(self.problems))]


def parse_yaml(name: str, content: bytes, variables: Mapping[str, str]) -> SourceFile:
    """Parse one file; `name` is how problems call it. Mistakes are in `problems`, never raised."""
    file = SourceFile(name)
    try:
        text = content.decode("utf-8-sig")
        stream = YAML(typ="safe", pure=True).parse(text)
        _Builder(file, variables).document(stream)
    except _TooDeepError as error:
        file.refuse(error.line, f"this is nested deeper than {_DEEPEST} levels")
    except UnicodeDecodeError:
        file.refuse(1, "the file is not UTF-8; save it as UTF-8")
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        file.refuse(line, f"this is no YAML: {error.problem or error.context}")
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        file.refuse(line, f"this is no YAML: the character {_shown(error.character)} is not allowed")
    return file


def _shown(character: Any) -> str:
    return repr(chr(character) if isinstance(character, int) else character)


class _TooDeepError(Exception):
    """Nobody writes such a file by hand, and reading on would exhaust the stack."""

    def __init__(self, line: int) -> None:
        self.line = line
        super().__init__(line)


class _Builder:
    """Builds one value from parse events, so that doubled keys and tags are seen before they are merged away."""

    def __init__(self, file: SourceFile, variables: Mapping[str, str]) -> None:
        self._file = file
        self._variables = variables

    def document(self, stream: Iterator[Any]) -> None:
        for event in stream:
            if isinstance(event, (events.StreamStartEvent, events.StreamEndEvent, events.DocumentEndEvent)):
                continue
            if not isinstance(event, events.DocumentStartEvent):
                self._file.value = self._value(event, stream, ())
            elif () in self._file.lines:
                line = event.start_mark.line + 1
                self._file.problems.append((line, "a second document; one file holds one"))
                return

    def _value(self, event: Any, stream: Iterator[Any], path: Path) -> Any:
        self._file.lines.setdefault(path, event.start_mark.line + 1)
        if len(path) > _DEEPEST:
            raise _TooDeepError(event.start_mark.line + 1)
        if isinstance(event, events.AliasEvent) or event.anchor:
            self._file.add_problem(path, "anchors and aliases (& and *) are not allowed; write the value out")
            if isinstance(event, events.AliasEvent):
                return None
        if event.tag and event.tag != "!":
            self._file.add_problem(path, f"the tag {event.tag} is not allowed; use quotes for text")
        if isinstance(event, events.MappingStartEvent):
            return self._mapping(stream, path)
        if isinstance(event, events.SequenceStartEvent):
            return self._sequence(stream, path)
        return self._scalar(event, path)

    def _mapping(self, stream: Iterator[Any], path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for event in stream:
            if isinstance(event, events.MappingEndEvent):
                break
            if not isinstance(event, events.ScalarEvent):
                self._file.add_problem(path, "a key must be a plain word")
                self._value(event, stream, (*path, "?"))
                self._value(next(stream), stream, (*path, "?"))
                continue
            self._entry(event, stream, path, found)
        return found

    def _entry(self, event: Any, stream: Iterator[Any], path: Path, found: dict[str, Any]) -> None:
        key = str(event.value)
        line = event.start_mark.line + 1
        if key in found:
            first = self._file.lines[(*path, key)]
            self._file.problems.append((line, f"{key!r} stands here a second time, first in line {first}"))
            self._value(next(stream), stream, (*path, f"{key} again"))
            return
        self._file.lines[(*path, key)] = line
        if _PASSWORD_KEY.fullmatch(key):
            self._file.add_problem(
                (*path, key), f"{key!r}: no passwords here; write `secret: NAME` and set CALLOUT_SECRET_NAME"
            )
        found[key] = self._value(next(stream), stream, (*path, key))

    def _sequence(self, stream: Iterator[Any], path: Path) -> list[Any]:
        found: list[Any] = []
        for event in stream:
            if isinstance(event, events.SequenceEndEvent):
                break
            found.append(self._value(event, stream, (*path, len(found))))
        return found

    def _scalar(self, event: Any, path: Path) -> Any:
        text = str(event.value)
        variable = VARIABLE.fullmatch(text)
        if variable:
            text = self._variable(variable, path)
        if _PASSWORD_URL.match(text):
            self._file.add_problem(path, "no password in an address; write `secret: NAME` and set CALLOUT_SECRET_NAME")
        if event.style is not None:
            return text
        if len(text) > _LONGEST_NUMBER and (_INTEGER.fullmatch(text) or _DECIMAL.fullmatch(text)):
            self._file.add_problem(path, f"a number has at most {_LONGEST_NUMBER} digits; use quotes for text")
            return None
        return plain_value(text)

    def _variable(self, variable: re.Match[str], path: Path) -> str:
        name, default = variable.groups()
        # an empty variable counts as not set, as in a shell's ${NAME:-default}
        text = self._variables.get(name) or default
        if text is None:
            self._file.add_problem(path, f"the environment variable {name} is not set")
            return ""
        return text


def plain_value(text: str) -> Any:
    """An unquoted scalar by YAML 1.2's core schema, with exact decimals; everything else is text."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        # a number written with a leading zero is an extension or a code, and must keep it
        return text if len(text.lstrip("+-")) > 1 and text.lstrip("+-").startswith("0") else _integer(text)
    return Decimal(text) if _DECIMAL.fullmatch(text) else text


def _integer(text: str) -> int | str:
    # phones such as +79000000101 are text
    return text if text.startswith("+") else int(text)
