"""The grammar of a process file, its small parts: keys, words, names, spans; every mistake is kept with its place."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from tasks.rules.nearest_name import nearest
from tasks.rules.process.definition import Span, Text

Path = tuple[str | int, ...]
NO_SPAN = Span(0)
_SPAN = re.compile(r"([0-9]{1,6})(m|h|d)( working)?")
_UNIT_SECONDS = {"m": 60, "h": 3600, "d": 86400}
_LONGEST_DAYS = 3660
_MOST_FLAWS = 200
_LONGEST_TEXT = 4000
_LANGUAGES = ("ru", "en")


def did_you_mean(name: str, allowed: Collection[str]) -> str:
    """'; did you mean …?' or ''."""
    hint = nearest(name[:60], allowed)
    return f"; did you mean {hint!r}?" if hint else ""


class Grammar:
    """One reading of one file."""

    def __init__(self) -> None:
        self.flaws: list[tuple[Path, str]] = []
        self.texts: list[tuple[Path, Text]] = []

    def refuse(self, path: Path, reason: str) -> None:
        """Remember a mistake; a file that is nothing but mistakes is not listed to its end."""
        if len(self.flaws) < _MOST_FLAWS:
            self.flaws.append((path, reason))

    def only_known(self, raw: Any, allowed: Collection[str], path: Path) -> Mapping[str, Any]:
        """The mapping at `path`; keys that the grammar does not know are refused and left out."""
        if not isinstance(raw, Mapping):
            self.refuse(path, f"keys with values are expected here, not {shown(raw)}")
            return {}
        for key in raw:
            if key not in allowed:
                self.refuse((*path, key), f"unknown key {shown(key)}{did_you_mean(str(key), allowed)}")
        return {key: value for key, value in raw.items() if key in allowed}

    def entries(self, raw: Any, path: Path) -> list[tuple[str, Any]]:
        """The keys and values of a mapping whose keys are names."""
        if not isinstance(raw, Mapping):
            self.refuse(path, f"keys with values are expected here, not {shown(raw)}")
            return []
        found = []
        for key, value in raw.items():
            if isinstance(key, str) and key:
                found.append((key, value))
            else:
                self.refuse((*path, key), f"a name is expected here, not {shown(key)}")
        return found

    def items(self, raw: Any, path: Path, noun: str) -> list[tuple[Path, Any]]:
        """The items of a list with their places."""
        if not isinstance(raw, list):
            self.refuse(path, f"a list of {noun} is expected here, not {shown(raw)}")
            return []
        return [((*path, n), part) for n, part in enumerate(raw)]

    def text(self, raw: Any, path: Path) -> Text:
        """Words, the same in every language or one text per language."""
        if isinstance(raw, Mapping):
            found = {
                key: self._words(value, (*path, key)) for key, value in self.only_known(raw, _LANGUAGES, path).items()
            }
            if not found:
                self.refuse(path, "words are missing: write a text, or {ru: …, en: …}")
        else:
            words = self._words(raw, path)
            found = {"": words} if words else {}
        self.texts.append((path, found))
        return found

    def _words(self, raw: Any, path: Path) -> str:
        if raw is None or isinstance(raw, list | Mapping | bool):
            self.refuse(path, f"words are expected here, not {shown(raw)}")
            return ""
        if len(str(raw)) > _LONGEST_TEXT:
            self.refuse(path, f"a text has at most {_LONGEST_TEXT} characters")
        return str(raw)

    def name(self, raw: Any, path: Path, noun: str) -> str:
        """One name, '' when it is none."""
        if not isinstance(raw, str) or not raw.isidentifier():
            self.refuse(path, f"{shown(raw)} is no name of a {noun}: write letters, digits and _, no digit first")
            return ""
        return raw

    def names(self, raw: Any, path: Path, noun: str = "names") -> tuple[str, ...]:
        """A list of names, each once."""
        found: list[str] = []
        for here, part in self.items(raw, path, noun):
            if not isinstance(part, str) or not part:
                self.refuse(here, f"a name is expected here, not {shown(part)}")
            elif part in found:
                self.refuse(here, f"{part!r} stands here twice")
            else:
                found.append(part)
        return tuple(found)

    def span(self, raw: Any, path: Path) -> Span:
        """30m, 8h, 3d, `8h working`, `3d working` (a working day is as long as the office is open)."""
        match = _SPAN.fullmatch(raw) if isinstance(raw, str) else None
        if not match:
            self.refuse(path, f"{shown(raw)} is no span of time; write 30m, 8h, 3d, `8h working` or `3d working`")
            return NO_SPAN
        count, unit = int(match[1]), match[2]
        if not 0 < count * _UNIT_SECONDS[unit] <= _LONGEST_DAYS * _UNIT_SECONDS["d"]:
            self.refuse(path, f"{raw!r}: a span is longer than nothing and not over {_LONGEST_DAYS} days")
            return NO_SPAN
        if unit == "d" and match[3]:
            return Span(0, is_working=True, working_days=count)
        return Span(count * _UNIT_SECONDS[unit], bool(match[3]))

    def one_of(self, raw: Any, allowed: tuple[str, ...], path: Path) -> Any:
        """One of the words allowed; the first of them when it is another."""
        if not isinstance(raw, str) or raw not in allowed:
            hint = did_you_mean(str(raw), allowed) or f"; it is one of {', '.join(allowed)}"
            self.refuse(path, f"{shown(raw)} is not allowed here{hint}")
            return allowed[0]
        return raw

    def whole(self, raw: Any, most: int, path: Path) -> int:
        """A whole number from 1 to `most`."""
        if not isinstance(raw, int) or isinstance(raw, bool) or not 1 <= raw <= most:
            self.refuse(path, f"{shown(raw)} is no whole number from 1 to {most}")
            return 1
        return raw

    def flag(self, raw: Any, path: Path) -> bool:
        """true or false."""
        if not isinstance(raw, bool):
            self.refuse(path, f"true or false is expected here, not {shown(raw)}")
            return False
        return raw


def shown(raw: Any) -> str:
    """What stands in the file, short enough for one line."""
    if raw is None:
        return "nothing"
    if isinstance(raw, Mapping):
        return "keys with values"
    if isinstance(raw, list | tuple):
        return "a list"
    text = repr(raw) if isinstance(raw, str) else str(raw).lower() if isinstance(raw, bool) else str(raw)
    return text if len(text) <= 60 else f"{text[:57]}…"
