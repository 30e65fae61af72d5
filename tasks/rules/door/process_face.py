"""What a page shows of a process, from its kept file: title, stages in order, who may see it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tasks.rules.door.board import stage_title

Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class StageFace:
    """One stage; `ends` is the outcome it ends in, '' for an open one."""

    name: str
    title: Texts
    ends: str


@dataclass(frozen=True, slots=True)
class ProcessFace:
    """One process under its newest version; `stages` also has those that only older versions have, behind the others.

    `see`: the roles that may look at it, none named: all staff.
    """

    name: str
    version: int
    title: Texts
    entity: str
    stages: tuple[StageFace, ...]
    see: frozenset[str]
    export: frozenset[str]

    def stages_ending(self, outcome: str) -> tuple[StageFace, ...]:
        """The stages that an item with this outcome can be in: every open one while it has none."""
        return tuple(stage for stage in self.stages if stage.ends == outcome)


def faces_of(raws: Iterable[Mapping[str, Any]]) -> dict[str, ProcessFace]:
    """The processes by name, from every kept version of their files."""
    versions: dict[str, list[Mapping[str, Any]]] = {}
    for raw in raws:
        versions.setdefault(str(raw["process"]), []).append(raw)
    return {name: _face(sorted(found, key=_version, reverse=True)) for name, found in sorted(versions.items())}


def texts_of(raw: Any, fallback: str = "") -> Texts:
    """A text of the file, plain or by language."""
    if isinstance(raw, Mapping):
        return {str(language): str(text) for language, text in raw.items()}
    return {"": str(raw)} if raw else {"": fallback}


def pick(texts: Texts, language: str) -> str:
    """The text in this language, else in any."""
    return texts.get(language) or texts.get("") or next(iter(texts.values()), "")


def _version(raw: Mapping[str, Any]) -> int:
    return int(raw["version"])


def _face(raws: list[Mapping[str, Any]]) -> ProcessFace:
    newest = raws[0]
    stages: dict[str, StageFace] = {}
    for raw in raws:
        for name, stage in raw["stages"].items():
            stages.setdefault(name, _stage(name, stage or {}))
    rights = newest.get("rights") or {}
    return ProcessFace(
        name=str(newest["process"]),
        version=_version(newest),
        title=texts_of(newest.get("title"), str(newest["process"])),
        entity=str(newest.get("entity", "")),
        stages=tuple(stages.values()),
        see=frozenset(rights.get("see") or ()),
        export=frozenset(rights.get("export") or rights.get("see") or ()),
    )


def _stage(name: str, raw: Mapping[str, Any]) -> StageFace:
    titles = {language: stage_title(text, name) for language, text in texts_of(raw.get("status"), name).items()}
    return StageFace(name, titles, str(raw.get("ends") or ""))
