"""Holds what is planned in tests against the samples with which the office folder is checked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import is_dataclass
from typing import Any

from tasks.rules.outgoing import Notice
from tasks.rules.process.loader import examine_definition
from tasks.rules.wording_samples import samples_of

_TEST_WORDINGS = frozenset({"note", "broken"})  # of tests.samples.small_office


def unknown_variables(notice: Notice, processes: Mapping[str, Any]) -> Iterator[str]:
    """What a template would see of this notice but of no sample, and what samples show but is not passed."""
    if notice.wording in _TEST_WORDINGS:
        return
    work = {name for raw in processes.values() for name in examine_definition(raw)[0].work}
    samples = samples_of(notice.wording, work)
    if set(samples[0]) - set(notice.data):
        yield f"{notice.wording}: not passed {sorted(set(samples[0]) - set(notice.data))}"
    unknown = variables(notice.data) - {name for sample in samples for name in variables(sample)}
    if unknown:
        yield f"{notice.wording}: in no sample {sorted(unknown)}"


def variables(data: Any, path: str = "") -> set[str]:
    """Every name a template may write: keys, keys of what lies in lists, and what kind of thing a value is."""
    if isinstance(data, Mapping):
        return {name for key, value in data.items() for name in variables(value, f"{path}.{key}")} | {path}
    if is_dataclass(data):
        return {f"{path}:{type(data).__name__}"}
    if isinstance(data, Iterable) and not isinstance(data, str):
        return {name for value in data for name in variables(value, f"{path}[]")} | {path}
    return {path}
