"""`./callout backtest | prove | shadow`: a file tried on the past, the engine proved, a version that only watches."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from datetime import UTC, datetime

from deployments.cli.desk import DIFFERENT_EXIT, opened_desk
from deployments.cli.jobs import Job, check_moment, run_flow
from deployments.cli.output import print_summary
from deployments.cli.prefect_client import prepare_prefect
from deployments.cli.process import read_named, read_yaml
from deployments.settings import read_settings
from tasks.rules.errors import UsageError
from tasks.rules.process_tools.backtest_words import backtest_json, backtest_lines, item_lines
from tasks.rules.text_table import text_table

PROVE = Job("prove", "flows.proof.prove_processes", "ProveRequest", "Replay the recorded course exactly.")


def run_backtest(arguments: argparse.Namespace) -> int:
    """A changed file on what really came in; nothing is written."""
    raw = read_named(arguments.file)
    with opened_desk() as desk:
        from tasks.process_tools.backtesting import run_backtest as run
        from tasks.process_tools.spans import span_of_days

        since, until = span_of_days(desk, arguments.first_day, arguments.last_day, datetime.now(UTC))
        answers = read_yaml(arguments.answers) if arguments.answers else None
        result = run(desk, raw, since, until, is_assuming=arguments.assume, answers=answers)
        language = desk.office.language
    if arguments.json:
        print(json.dumps(backtest_json(result), ensure_ascii=False))
        return 0
    lines = item_lines(result, arguments.item, language) if arguments.item else backtest_lines(result, language)
    if not lines:
        raise UsageError(f"item {arguments.item} did nothing in these days, or is of another process")
    print("\n".join(lines))
    return 0


def prove(arguments: argparse.Namespace) -> int:
    """Run the flow prove-processes; 1 when anything is not reproduced exactly."""
    from flows.opening import open_desk

    check_moment(arguments.as_of)
    open_desk().engine.dispose()
    prepare_prefect(read_settings())
    days = {"first_day": arguments.first_day, "last_day": arguments.last_day}
    summary = run_flow(PROVE, {"as_of": arguments.as_of} | {name: day for name, day in days.items() if day})
    print_summary(summary, as_json=arguments.json)
    return DIFFERENT_EXIT if summary.counts.get("differences") else 0


def start_shadow(arguments: argparse.Namespace) -> int:
    """Let a process file watch."""
    raw = read_named(arguments.file)
    with opened_desk() as desk:
        from tasks.process_tools.shadowing import start_shadow as start

        run_id = start(desk, raw, arguments.who, datetime.now(UTC))
    print(
        json.dumps({"run": run_id}) if arguments.json else f"{raw['process']} {raw['version']} watches as run {run_id}"
    )
    return 0


def stop_shadow(arguments: argparse.Namespace) -> int:
    """End a run; what it has written stays."""
    with opened_desk() as desk:
        from tasks.process_tools.shadowing import stop_shadow as stop

        stop(desk, arguments.run_id, datetime.now(UTC))
    print(json.dumps({"stopped": arguments.run_id}) if arguments.json else f"run {arguments.run_id} watches no more")
    return 0


def list_shadows(arguments: argparse.Namespace) -> int:
    """Every run, with how much it has watched and how often it would have done something else."""
    with opened_desk() as desk:
        from tasks.gateways.store.connection import reading
        from tasks.gateways.store.shadow_runs import count_acts, read_runs

        with reading(desk.engine) as connection:
            rows = [(run, *count_acts(connection, run.run_id)) for run in read_runs(connection)]
        zone, is_russian = desk.office.zone, desk.office.language == "ru"
    cells = [
        (
            run.run_id,
            run.process,
            run.version,
            f"{run.started_at.astimezone(zone):%Y-%m-%d %H:%M}",
            f"{run.ended_at.astimezone(zone):%Y-%m-%d %H:%M}" if run.ended_at else "",
            seen,
            differing,
        )
        for run, seen, differing in rows
    ]
    english = ("run", "process", "version", "since", "until", "events", "different")
    russian = ("номер", "процесс", "версия", "с", "по", "событий", "иначе")
    if arguments.json:
        print(json.dumps([dict(zip(english, row, strict=True)) for row in cells], ensure_ascii=False))
        return 0
    empty = "Ни одна версия не наблюдает." if is_russian else "No version watches."
    print("\n".join(text_table(russian if is_russian else english, cells)) or empty)
    return 0


def show_shadow(arguments: argparse.Namespace) -> int:
    """What a run would have done otherwise, the newest first, up to this moment; 1 when anything."""
    with opened_desk() as desk:
        from tasks.gateways.store.connection import reading
        from tasks.gateways.store.shadow_runs import differing_acts
        from tasks.process_tools.shadowing import watch_shadows

        watch_shadows.fn(desk, datetime.now(UTC))
        with reading(desk.engine) as connection:
            acts = differing_acts(connection, arguments.run_id, arguments.limit)
        is_russian = desk.office.language == "ru"
    if arguments.json:
        print(json.dumps([asdict(act) for act in acts], ensure_ascii=False, default=str))
        return DIFFERENT_EXIT if acts else 0
    did, would = ("было", "стало бы") if is_russian else ("did", "would")
    for act in acts:
        print(f"#{act.item_id} {act.at:%Y-%m-%d %H:%M}Z {act.key}")
        print(f"  {did}: {json.dumps(list(act.did), ensure_ascii=False)}")
        print(f"  {would}: {json.dumps(list(act.would), ensure_ascii=False)}")
    if not acts:
        print("Всё так же, как было." if is_russian else "Everything as it was.")
    return DIFFERENT_EXIT if acts else 0
