"""A process file is read whole, or refused with the line, the reason and the nearest name."""

from __future__ import annotations

import time

import pytest

from tasks.rules.errors import OfficeError
from tasks.rules.process.loader import examine_definition, read_definition, wordings_used
from tasks.rules.process.references import check_references
from tests.rules.process.process_samples import ROLES, flaws, process, raw, shipped

HEAD = "process: p\nversion: 1\nentity: deal\n"
FIELDS = (
    "fields:\n  cost: {type: money}\n  who: {type: person}\n  kind: {type: choice, options: [a, b]}\n"
    "  papers: {type: list}\n  at: {type: time}\n  all_papers: {type: list}\n"
)
WORK = "work:\n  job: {kind: task, who: [who]}\n  vote: {kind: approval, who: [who, manager], need: all}\n"
BODY = HEAD + FIELDS + WORK


@pytest.mark.parametrize("name", ["service", "hiring", "contract_approval", "collect_documents"])
def test_the_sample_files_are_read_unchanged(name: str) -> None:
    definition = shipped(name)
    assert definition.name == name
    assert any(stage.ends for stage in definition.stages.values())


def test_names_that_only_the_office_knows_are_checked_with_it() -> None:
    definitions = {name: shipped(name) for name in ("service", "collect_documents", "contract_approval", "hiring")}
    assert [reason for _, _, reason in check_references(definitions, [*ROLES, "administrator"])] == [
        "there is no process 'receive_payment' in the office"
    ]
    few = check_references({"collect_documents": definitions["collect_documents"]}, ["accounting", "heads"])
    assert ("collect_documents", ("stages", "collecting", "rules", 1, "do", 0)) in [
        (name, path) for name, path, _ in few
    ]
    assert any("did you mean 'heads'?" in reason for *_, reason in few)
    assert any("no process 'service'" in reason for *_, reason in few)


STAGE = "stages:\n  s:\n    rules:\n"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (HEAD + "stages: {}", "4: there is no stage"),
        (HEAD + "stages: {s: {}}", "4: the stage is empty"),
        (HEAD + "stages: {s: {ends: won}}", "4: the first stage is the beginning and cannot end the item"),
        (HEAD + "stagse: {s: {status: x}}", "4: unknown key 'stagse'; did you mean 'stages'?"),
        ("version: 1\nentity: deal\nstages: {s: {status: x}}", "1: nothing is no name of a process"),
        (HEAD.replace("1", "0") + "stages: {s: {status: x}}", "2: 0 is no whole number from 1 to"),
        (BODY + STAGE + "      - {event: go, to: t}", "17: there is no stage 't'"),
        (
            BODY + STAGE + "      - {event: go, if: {csot: 1}, to: s}",
            "17: there is no field 'csot'; did you mean 'cost'?",
        ),
        (BODY + STAGE + "      - {event: go, if: {work.jop: done}, to: s}", "17: there is no work 'jop'"),
        (
            BODY + STAGE + "      - {event: go, if: {work.job: approved}, to: s}",
            "17: there is no state of job 'approved'",
        ),
        (BODY + STAGE + "      - {event: go, if: {kind: c}, to: s}", "17: 'kind' cannot be 'c': one of a, b"),
        (BODY + STAGE + "      - {event: go, if: {cost: much}, to: s}", "17: 'cost' is of type money: write a number"),
        (BODY + STAGE + "      - {event: go, if: {cost: {over: 1}}, to: s}", "17: unknown key 'over'"),
        (BODY + STAGE + "      - {event: go, if: {kind: {above: a}}, to: s}", "17: above compares numbers"),
        (BODY + STAGE + "      - {event: go, if: {cost: {covers: $papers}}, to: s}", "17: covers asks a list"),
        (
            BODY + STAGE + "      - {event: go, if: {cost: $who}, to: s}",
            "17: 'cost' is of type money, $who of type person",
        ),
        (BODY + STAGE + "      - {event: go, if: {at: {below: tomorrow}}, to: s}", "17: 'at' cannot be 'tomorrow'"),
        (BODY + STAGE + "      - {event: go, if: {stage: z}, to: s}", "17: there is no stage 'z'"),
        (BODY + STAGE + "      - {event: go}", "17: a rule does something"),
        (BODY + STAGE + "      - {to: s}", "17: a rule has exactly one of event, work"),
        (BODY + STAGE + "      - {event: go, work: job done, to: s}", "17: a rule has exactly one of event, work"),
        (BODY + STAGE + "      - {work: job finished, to: s}", "17: 'finished' is not allowed here"),
        (BODY + STAGE + "      - {work: job approved, to: s}", "17: 'job' is a task: it can be begun, done, overdue"),
        (BODY + STAGE + "      - {work: job overdue, to: s}", "17: 'job' has no due time"),
        (BODY + STAGE + "      - {work: jbo done, to: s}", "17: there is no work 'jbo'; did you mean 'job'?"),
        (BODY + STAGE + "      - {after: 3 days, to: s}", "17: '3 days' is no span of time"),
        (BODY + STAGE + "      - {after: 0m, to: s}", "17: '0m': a span is longer than nothing"),
        (BODY + STAGE + "      - {after: 9h, every: 1m, to: s}", "17: a rule acts at most 20 times an hour"),
        (BODY + STAGE + "      - {after: 9h, times: 2, to: s}", "17: times belongs to every"),
        (BODY + STAGE + "      - {event: go, every: 1h, to: s}", "17: every belongs to after"),
        (BODY + STAGE + "      - {after: 9h, by: [who], to: s}", "17: nobody does this"),
        (BODY + STAGE + "      - {event: clock, to: s}", "17: 'clock' is a word of the engine"),
        (BODY + STAGE + "      - {event: go, by: [cost], to: s}", "17: 'cost' is of type money; a slot is"),
        (BODY + STAGE + "      - {event: go, do: [{set: {csot: 1}}]}", "17: there is no field 'csot'"),
        (BODY + STAGE + "      - {event: go, do: [{set: {cost: ten}}]}", "17: 'cost' is of type money"),
        (BODY + STAGE + "      - {event: go, do: [{set: {who: {add: 1}}}]}", "17: add needs a number"),
        (BODY + STAGE + "      - {event: go, do: [{set: {who: $papers}}]}", "17: 'who' is of type person"),
        (BODY + STAGE + "      - {event: go, do: [{ask: jobs}]}", "17: there is no work 'jobs'; did you mean 'job'?"),
        (BODY + STAGE + "      - {event: go, do: [{tell: x}]}", "17: unknown key 'tell'"),
        (BODY + STAGE + "      - {event: go, do: [{ask: job, status: x}]}", "17: an action has exactly one of"),
        (BODY + STAGE + "      - {event: go, do: {ask: job}}", "17: a list of actions is expected here"),
        (
            BODY + STAGE + "      - {event: go, do: [{notify: {to: [who], text: 'cost {csot}'}}]}",
            "17: there is no field 'csot'",
        ),
        (BODY + STAGE + "      - {event: go, do: [{notify: {to: [], text: hello}}]}", "17: nobody is named here"),
        (
            BODY + STAGE + "      - {event: go, do: [{calendar: {who: who, at: cost, title: x}}]}",
            "17: 'cost' is of type money",
        ),
        (
            BODY + STAGE + "      - {event: go, do: [{document: {make: letter, as: kind}}]}",
            "17: 'letter' is not allowed",
        ),
        (
            BODY + STAGE + "      - {event: go, do: [{start: {process: q, as: job}}]}",
            "17: 'job' is the name of work already",
        ),
        (
            BODY + STAGE + "      - {event: go, do: [{assign: {field: cost, from: [manager]}}]}",
            "17: 'cost' is of type money",
        ),
        (HEAD + "fields: {stage: {type: text}}\nstages: {s: {status: x}}", "4: 'stage' is a word of the grammar"),
        (HEAD + "fields: {f: {type: strnig}}\nstages: {s: {status: x}}", "4: 'strnig' is not allowed here"),
        (HEAD + "fields: {f: {type: choice}}\nstages: {s: {status: x}}", "4: a choice needs its options"),
        (HEAD + "work: {w: {kind: task}}\nstages: {s: {status: x}}", "4: say who is asked"),
        (HEAD + "work: {w: {kind: task, who: [a], need: most}}\nstages: {s: {status: x}}", "4: need is all, any"),
        (HEAD + "work: {w: {kind: confirm, who: [a], need: 2}}\nstages: {s: {status: x}}", "4: need is 2, and only 1"),
        (HEAD + "work: {w: {kind: task, who: [a], binds: [f]}}\nstages: {s: {status: x}}", "4: there is no field 'f'"),
        (HEAD + "stages: {s: {status: x}, e: {ends: won, rules: [{event: go, to: s}]}}", "4: the item ends in 'e'"),
        (HEAD + "stages: {s: {status: x}, e: {ends: wan}}", "4: 'wan' is not allowed here; did you mean 'won'?"),
        (HEAD + "rights: {sea: [a]}\nstages: {s: {status: x}}", "4: unknown key 'sea'; did you mean 'see'?"),
        (HEAD + "stages: {s: {status: [x]}}", "4: words are expected here, not a list"),
        (HEAD + "stages: {s: {status: {de: x}}}", "4: unknown key 'de'"),
        (HEAD + "stages: [s]", "4: keys with values are expected here, not a list"),
        ("[1, 2]", "1: keys with values are expected here, not a list"),
        ("3", "1: keys with values are expected here, not 3"),
    ],
)
def test_a_mistake_is_refused_with_its_line(text: str, problem: str) -> None:
    found = flaws(text)
    assert found
    assert any(flaw.startswith(problem) for flaw in found), found


def test_a_computed_field_is_checked_too() -> None:
    fields = "fields:\n  l: {type: list}\n  k: {type: choice, options: [a]}\n"
    stage = "stages: {s: {status: x}}\n"
    for computed, problem in (
        ("  c: {type: text, compute: {sum: l}}\n", "7: a sum is a number or money"),
        ("  c: {type: money, compute: {sum: k}}\n", "7: 'k' is of type choice"),
        ("  c: {type: list, compute: {pick: k, from: {b: [x]}}}\n", "7: there is no option of k 'b'"),
        ("  c: {type: list, compute: {pick: k, from: {a: [x]}, plus: z}}\n", "7: there is no field 'z'"),
        ("  c: {type: list, compute: {pick: k, sum: l}}\n", "7: compute is either"),
    ):
        assert any(flaw.startswith(problem) for flaw in flaws(HEAD + fields + computed + stage)), problem


def test_moves_that_run_in_a_circle_by_themselves_are_refused() -> None:
    text = HEAD + (
        "fields: {f: {type: flag}}\nstages:\n  a: {rules: [{as_soon_as: {f: true}, to: b}]}\n"
        "  b: {rules: [{as_soon_as: {f: true}, to: a}]}"
    )
    assert "6: as_soon_as rules move in a circle: a → b → a" in flaws(text)


def test_a_giant_is_refused_quickly() -> None:
    rules = "\n".join("      - {event: go, to: nowhere}" for _ in range(10_000))
    began = time.process_time()
    value = raw(HEAD + STAGE + rules)
    parsed = time.process_time()
    assert [reason for _, reason in examine_definition(value)[1]] == ["10000 rules in one process; at most 1000"]
    assert time.process_time() - parsed < max(1.0, parsed - began)


def test_conditions_nest_only_so_deep() -> None:
    deep = "{not: " * 30 + "{cost: 1}" + "}" * 30
    assert any(
        "nested deeper than 20" in flaw for flaw in flaws(BODY + STAGE + f"      - {{event: go, if: {deep}, to: s}}")
    )


def test_every_mistake_is_told_at_once_with_its_file_and_place() -> None:
    value = raw(HEAD + "stages: {s: {rules: [{event: go, to: x}, {event: go, to: y}]}}")
    with pytest.raises(OfficeError) as caught:
        read_definition("p.yaml", value, lambda path: len(path))
    assert [problem.partition(": ")[0] for problem in caught.value.problems] == ["p.yaml:5", "p.yaml:5"]


def test_a_word_with_an_underscore_is_a_template() -> None:
    text = "stages: {s: {enter: [{notify: {to: [head], text: work_late}}, {notify: {to: [head], text: late}}]}}"
    assert wordings_used(process(text)) == {"work_late"}


def test_processes_may_not_start_each_other_for_ever() -> None:
    files = {}
    for name, other in (("a", "b"), ("b", "a")):
        files[name] = process(f"process: {name}\nstages: {{s: {{enter: [{{start: {{process: {other}}}}}]}}}}")
    assert [reason for *_, reason in check_references(files, [])] == [
        "processes start each other in a circle: a → b → a",
        "processes start each other in a circle: b → a → b",
    ]


def test_what_another_process_is_given_must_fit_it() -> None:
    ours = process(
        "process: a\nfields: {n: {type: number}}\n"
        "stages: {s: {enter: [{start: {process: b, with: {t: $n, x: 1, l: $n}}}]}}"
    )
    theirs = process(
        "process: b\nfields: {t: {type: text}, l: {type: list}, must: {type: text, required: true}}\n"
        "stages: {s: {status: x}}"
    )
    reasons = [reason for *_, reason in check_references({"a": ours, "b": theirs}, [])]
    assert reasons == [
        "b has no field 'x'",
        "'l' is of type list, $n of type number",
        "b requires the field 'must'",
    ]
