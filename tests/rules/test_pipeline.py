"""A pipeline file is read whole, or refused with the place and the nearest name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tasks.rules.errors import OfficeError
from tasks.rules.pipeline import examine_pipeline, read_pipeline, wordings_used
from tests.rules.pipeline_samples import FILE, raw_service, service

Raw = dict[str, Any]


def test_the_sample_file_is_read() -> None:
    pipeline = service()
    assert pipeline.first_stage == "new"
    assert pipeline.stages["won"].ends == "won"
    assert pipeline.work["conduct"].is_for_item
    assert pipeline.work["price"].due is not None


def test_every_wording_the_file_needs_is_there_in_both_languages() -> None:
    templates = FILE.parents[1] / "templates"
    for language in ("ru", "en"):
        there = {file.name.removesuffix(".txt.j2") for file in (templates / language).glob("*.txt.j2")}
        assert wordings_used(service()) <= there


def _unknown_stage(raw: Raw) -> None:
    raw["stages"]["planning"]["rules"][1]["to"] = "agreing"


def _unknown_key(raw: Raw) -> None:
    raw["work"]["price"]["clos_if"] = {}


def _unknown_field(raw: Raw) -> None:
    raw["stages"]["agreeing"]["needs"] = ["lines", "executer"]


def _unknown_work(raw: Raw) -> None:
    raw["stages"]["planning"]["enter"] = [{"ask": "prise"}]


def _unknown_slot(raw: Raw) -> None:
    raw["work"]["papers"]["who"] = ["executors"]


def _unknown_end(raw: Raw) -> None:
    raw["rules"][0]["work"] = "conduct begins"


def _unknown_operator(raw: Raw) -> None:
    raw["work"]["price"]["close_if"] = {"cost": {"over": 0}}


def _bad_span(raw: Raw) -> None:
    raw["work"]["price"]["due"] = "8 hours"


def _common_after(raw: Raw) -> None:
    raw["rules"] = [{"after": "3d"}]


def _unknown_option(raw: Raw) -> None:
    raw["fields"]["required_documents"]["compute"]["from"]["urgnt"] = ["act"]


def _two_triggers(raw: Raw) -> None:
    raw["rules"][0]["event"] = "x"


def _not_a_list(raw: Raw) -> None:
    raw["stages"]["new"]["rules"] = {"event": "start"}


@pytest.mark.parametrize(
    ("spoil", "place", "hint"),
    [
        (_unknown_stage, "stages.planning.rules.1.to", "'agreeing'"),
        (_unknown_key, "work.price.clos_if", "'close_if'"),
        (_unknown_field, "stages.agreeing.needs", "'executor'"),
        (_unknown_work, "stages.planning.enter.0", "'price'"),
        (_unknown_slot, "work.papers.who", "'executor'"),
        (_unknown_end, "rules.0.work", "'begun'"),
        (_unknown_operator, "work.price.close_if.cost.over", "unknown key"),
        (_bad_span, "work.price.due", "8h working"),
        (_common_after, "rules.0.after", "in a stage"),
        (_unknown_option, "fields.required_documents.compute.from", "'urgent'"),
        (_two_triggers, "rules.0", "exactly one"),
        (_not_a_list, "stages.new.rules", "a list"),
    ],
)
def test_a_mistake_is_refused_with_its_place(spoil: Callable[[Raw], None], place: str, hint: str) -> None:
    raw = raw_service()
    spoil(raw)
    with pytest.raises(OfficeError) as refusal:
        read_pipeline("service", raw)
    problem = refusal.value.problems[0]
    assert problem.startswith(f"pipelines/service.yaml: {place}: ")
    assert hint in problem


@pytest.mark.parametrize("raw", [{}, {"stages": []}, {"work": {"a": None}}, {"rules": [1]}, {"fields": {"a": {}}}])
def test_nonsense_is_refused_and_never_raises(raw: Raw) -> None:
    assert examine_pipeline(raw)[1]
