"""Every command of ./callout, with its help."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from deployments.cli import development, house, jobs

if TYPE_CHECKING:
    _Commands = argparse._SubParsersAction[argparse.ArgumentParser]

Command = Callable[[argparse.Namespace], int]


def build_parser() -> argparse.ArgumentParser:
    """The parser; each command's function stands in `run`."""
    parser = argparse.ArgumentParser(
        prog="callout",
        description="Runs a service company's office from its mail and its telephone. / "
        "Ведёт офис сервисной компании по её почте и телефону.",
        epilog="Exit codes: 0 done, 1 differences found, 2 usage, 3 office folder, 4 an outside system, "
        "5 credentials, 6 database, 7 port taken. Settings: CALLOUT_HOME, CALLOUT_OFFICE, CALLOUT_DATABASE_URL.",
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_house(commands)
    _add_jobs(commands)
    _add_development(commands)
    return parser


def _add(commands: _Commands, name: str, help_text: str, run: Command) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=help_text, description=help_text)
    parser.set_defaults(run=run)
    return parser


def _add_house(commands: _Commands) -> None:
    demo = _add(
        commands, "demo", "Run a whole sample day on real servers. / Показать целый день офиса.", house.run_demo
    )
    demo.add_argument("--exit", action="store_true", help="stop everything when the day is over")
    demo.add_argument("--json", action="store_true", help="print the last screen as one JSON object")
    demo.add_argument("--home", type=Path, help="folder of the demo (default: the home's demo folder)")
    up = _add(commands, "up", "Start server, worker and listener for your office. / Запустить офис.", house.run_up)
    up.add_argument("--json", action="store_true", help="print errors as JSON too")
    init = _add(commands, "init", "Copy the sample office to edit. / Скопировать образец офиса.", house.init_office)
    init.add_argument("folder", type=Path, help="new folder, e.g. my-office")
    office = _add(commands, "office", "Look at the office folder. / Проверить папку офиса.", house.check_office)
    office.add_argument("action", choices=["check"])
    office.add_argument("folder", type=Path, nargs="?", help="default: CALLOUT_OFFICE, else the sample")
    office.add_argument("--json", action="store_true", help="print the problems as JSON")
    db = _add(commands, "db", "The database's revision. / Версия базы данных.", house.move_database)
    db.add_argument("action", choices=["upgrade", "downgrade", "show"])
    db.add_argument("revision", nargs="?", default="head", help="where to go; 'base' empties the store")
    db.add_argument("--json", action="store_true", help="print the revision as JSON")
    apply = _add(
        commands, "apply", "Deploy prefect.yaml and prune what is gone. / Развернуть.", house.apply_deployments
    )
    apply.add_argument("--json", action="store_true", help="print the names as JSON")


def _add_jobs(commands: _Commands) -> None:
    for job in jobs.JOBS:
        if job.group:
            continue
        jobs.describe(_add(commands, job.name, job.help, jobs.run_job), job)
    report = commands.add_parser("report", help="Write a report. / Написать отчёт.")
    kinds = report.add_subparsers(title="reports", required=True, metavar="REPORT")
    for job in jobs.JOBS:
        if job.group == "report":
            jobs.describe(_add(kinds, job.name, job.help, jobs.run_job), job)


def _add_development(commands: _Commands) -> None:
    test = _add(commands, "test", "Run the tests. / Запустить тесты.", development.run_tests)
    test.add_argument("--debian", action="store_true", help="only those against Debian's servers (CI installs them)")
    test.add_argument("--faults", action="store_true", help="only those that kill processes")
    test.add_argument("words", nargs="*", help="passed on to pytest")
    _add(commands, "lint", "Style, format and types. / Стиль и типы.", development.run_lint)
    bench = _add(commands, "bench", "Measure beside a floor. / Измерить.", development.run_bench)
    bench.add_argument("what", choices=["mail"])
    bench.add_argument("--messages", type=int, default=2000, help="how many to take in")
    bench.add_argument("--json", action="store_true", help="print the figures as JSON")
