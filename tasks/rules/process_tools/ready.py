"""Ready rules: small files of rules that a process takes in by name, before anything of it is examined.

A process file says `ready: [remind_owner, {stage_reminder: {stage: agreeing, who: dispatcher}}]`. What the named files
hold is added to the raw file: fields, work and common rules at their end, the actions of `entering` to the entering of
every open stage, and those of `ending: {won: […]}` to the entering of every stage that ends so. `<name>` stands for a
parameter; one whose default is null must be said.

Why fragments and not processes of their own: a reminder at a stage or a task on a status change needs the stage, the
fields and the people of the item it is about, and must end with it. Why before the examination: the result is an
ordinary process file with one digest, so that a changed ready rule is a changed file, and no item runs by rules that
changed under it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tasks.rules.nearest_name import nearest

Path = tuple[str | int, ...]
_KEYS = ("ready", "title", "parameters", "fields", "work", "rules", "entering", "ending")
_PARTS = ("fields", "work", "rules", "entering", "ending")
_ENDS = ("won", "lost", "cancelled")
_PARAMETER = re.compile(r"<([a-z_]+)>")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a merged part was written: the ready rule's name, and the path in its file."""

    ready: str
    path: Path


@dataclass(slots=True)
class Merged:
    """A raw process file with its ready rules in place; `flaws` are paths in the process file itself.

    `origins` gives for the path of each added part where it came from, so that its mistakes are shown there.
    """

    raw: dict[str, Any]
    flaws: list[tuple[Path, str]] = field(default_factory=list)
    origins: dict[Path, Origin] = field(default_factory=dict)

    def origin(self, path: Path) -> Origin | None:
        """Where the part at `path` was written; None: in the process file itself."""
        for length in range(len(path), 0, -1):
            found = self.origins.get(path[:length])
            if found:
                return Origin(found.ready, (*found.path, *path[length:]))
        return None


def examine_ready(name: str, raw: Any) -> list[tuple[Path, str]]:
    """What is wrong with one ready file by itself: keys, its name, parameters that are not declared or not used."""
    if not isinstance(raw, Mapping):
        return [((), "the file must hold keys with values")]
    flaws: list[tuple[Path, str]] = [
        ((key,), f"unknown key {key!r}{_hint(str(key), _KEYS)}") for key in raw if key not in _KEYS
    ]
    if raw.get("ready") != name:
        flaws.append((("ready",), f"the name is {raw.get('ready')!r}, the file is called {name!r}"))
    declared = raw.get("parameters") or {}
    parts = {key: raw[key] for key in _PARTS if key in raw}
    if not parts:
        flaws.append(((), "there is nothing in it: fields, work, rules, entering or ending"))
    used = set(_parameters_in(parts))
    flaws += [((), f"<{one}> is no parameter{_hint(one, declared)}") for one in sorted(used - set(declared))]
    flaws += [(("parameters", one), f"nothing uses {one!r}") for one in sorted(set(declared) - used)]
    for end in raw.get("ending") or {}:
        if end not in _ENDS:
            flaws.append((("ending", end), f"{end!r} is no end{_hint(str(end), _ENDS)}"))
    return flaws


def merge_ready(raw: Mapping[str, Any], library: Mapping[str, Mapping[str, Any]]) -> Merged:
    """The raw file with the ready rules that it names; `library` holds the raw ready files by name.

    Nothing raises: what cannot be merged is left out and said in `flaws`.
    """
    merged = Merged({key: value for key, value in raw.items() if key != "ready"})
    wanted = raw.get("ready")
    if wanted is None:
        return merged
    if not isinstance(wanted, list):
        merged.flaws.append((("ready",), "a list of names is expected here"))
        return merged
    for position, entry in enumerate(wanted):
        path: Path = ("ready", position)
        name, given = _named(entry)
        if name not in library:
            merged.flaws.append((path, f"no ready rule {name!r}{_hint(name, library)}"))
        elif not isinstance(given, Mapping):
            merged.flaws.append((path, "parameters are written as keys with values"))
        else:
            _merge(merged, name, library[name], given, path)
    return merged


def _named(entry: Any) -> tuple[str, Any]:
    if isinstance(entry, Mapping) and len(entry) == 1:
        ((name, given),) = entry.items()
        return str(name), given or {}
    return str(entry), {}


def _merge(merged: Merged, name: str, ready: Mapping[str, Any], given: Mapping[str, Any], path: Path) -> None:
    declared = ready.get("parameters") or {}
    unknown = [key for key in given if key not in declared]
    missing = [key for key, default in declared.items() if default is None and key not in given]
    for key in unknown:
        merged.flaws.append(((*path, name, key), f"{name} has no parameter {key!r}{_hint(key, declared)}"))
    for key in missing:
        merged.flaws.append((path, f"{name} needs the parameter {key!r}"))
    if unknown or missing:
        return
    values = {**declared, **given}
    for section in ("fields", "work"):
        _add_named(merged, section, name, _filled(ready.get(section) or {}, values), path)
    _add_listed(merged, ("rules",), name, ("rules",), _filled(ready.get("rules") or [], values))
    lists = {"": ready.get("entering") or [], **(ready.get("ending") or {})}
    for end, actions in lists.items():
        source: Path = ("ending", end) if end else ("entering",)
        for stage in _stages_ending(merged.raw, end):
            _add_listed(merged, ("stages", stage, "enter"), name, source, _filled(actions, values))


def _add_named(merged: Merged, section: str, name: str, parts: Mapping[str, Any], path: Path) -> None:
    for key, part in parts.items():
        there = merged.raw.get(section) or {}
        if key in there and there[key] != part:
            merged.flaws.append((path, f"{name} brings {section}.{key}, which stands in the file already"))
            continue
        merged.raw[section] = {**there, key: part}
        merged.origins[(section, key)] = Origin(name, (section, key))


def _add_listed(merged: Merged, target: Path, name: str, source: Path, parts: list[Any]) -> None:
    holder = merged.raw
    for key in target[:-1]:
        holder[str(key)] = dict(holder.get(str(key)) or {})
        holder = holder[str(key)]
    last = str(target[-1])
    there = list(holder.get(last) or [])
    for number in range(len(parts)):
        merged.origins[(*target, len(there) + number)] = Origin(name, (*source, number))
    if parts:
        holder[last] = [*there, *parts]


def _stages_ending(raw: Mapping[str, Any], end: str) -> list[str]:
    """The stages that end so; '' for those that do not end."""
    stages = raw.get("stages")
    found = stages.items() if isinstance(stages, Mapping) else ()
    return [str(name) for name, stage in found if isinstance(stage, Mapping) and (stage.get("ends") or "") == end]


def _filled(part: Any, values: Mapping[str, Any]) -> Any:
    """The part with every parameter in place; a scalar that is one parameter takes its value with its type."""
    if isinstance(part, Mapping):
        return {_filled(key, values): _filled(value, values) for key, value in part.items()}
    if isinstance(part, list):
        return [_filled(value, values) for value in part]
    if not isinstance(part, str):
        return part
    whole = _PARAMETER.fullmatch(part)
    if whole:
        return values.get(whole[1])
    return _PARAMETER.sub(lambda match: str(values.get(match[1], "")), part)


def _parameters_in(part: Any) -> Iterator[str]:
    if isinstance(part, Mapping):
        for key, value in part.items():
            yield from _parameters_in(key)
            yield from _parameters_in(value)
    elif isinstance(part, list):
        for value in part:
            yield from _parameters_in(value)
    elif isinstance(part, str):
        yield from _PARAMETER.findall(part)


def _hint(name: str, allowed: Any) -> str:
    near = nearest(name, allowed)
    return f"; did you mean {near!r}?" if near else ""
