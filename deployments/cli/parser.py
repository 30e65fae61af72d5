"""Every command of ./callout, with its help."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from deployments.cli import (
    desk,
    development,
    duplicates,
    held,
    house,
    jobs,
    lines,
    process_parser,
    quarantine,
    recordings,
    replay,
    tell,
)
from deployments.cli.later import Later
from tasks.rules.finding import KINDS

if TYPE_CHECKING:
    _Commands = argparse._SubParsersAction[argparse.ArgumentParser]

Command = Callable[[argparse.Namespace], int]
why = Later("deployments.cli.why")


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
    _add_desk(commands)
    process_parser.add_process(commands, _add)
    process_parser.add_trials(commands, _add)
    process_parser.add_answers(commands, _add)
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
    up = _add(
        commands, "up", "Start server, worker, listener and door for your office. / Запустить офис.", house.run_up
    )
    up.add_argument("--json", action="store_true", help="print errors as JSON too")
    door = _add(commands, "door", "Serve the pages and links where people act. / Открыть дверь.", house.open_door)
    door.add_argument("--json", action="store_true", help="print errors as JSON too")
    init = _add(commands, "init", "Copy the sample office to edit. / Скопировать образец офиса.", house.init_office)
    init.add_argument("folder", type=Path, help="new folder, e.g. my-office")
    office = _add(commands, "office", "Look at the office folder. / Проверить папку офиса.", house.check_office)
    office.add_argument("action", choices=["check", "schema"], help="schema writes telephony.schema.json for editors")
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


def _add_desk(commands: _Commands) -> None:
    balance = _add(
        commands,
        "balance",
        "Is everything accounted for, source by source; exit 1 and a list when not. / Сходится ли всё, по источникам.",
        desk.show_balance,
    )
    balance.add_argument("--json", action="store_true", help="print the balance as one JSON object / вывести JSON")
    told = _add(
        commands,
        "why",
        "What caused a message, every attempt, and why one was not sent. / Почему письмо ушло или не ушло.",
        why.tell_why,
    )
    told.add_argument("message", help="outbox number, Message-ID or key / номер, Message-ID или ключ")
    told.add_argument("--json", action="store_true", help="print one JSON object / вывести JSON")
    _add_tell(commands)
    _add_quarantine(commands)
    _add_held(commands)
    _add_line(commands)
    _add_recording(commands)
    _add_replay(commands)
    duplicates.add_commands(lambda name, said, run: _add(commands, name, said, run))
    _add_find(commands)


def _add_replay(commands: _Commands) -> None:
    again = _add(commands, "replay", replay.JOB.help, replay.run_replay)
    jobs.describe(again, replay.JOB)
    again.add_argument(
        "--from", dest="first_day", default="", metavar="DAY", help="first day of receipt, 2026-11-17 / с какого дня"
    )
    again.add_argument(
        "--to", dest="last_day", default="", metavar="DAY", help="last day, inclusive; empty: yesterday / по какой день"
    )
    again.add_argument("--ids", type=int, nargs="+", default=[], help="instead: numbers of items / номера писем")
    again.add_argument("--apply", action="store_true", help="write the differences / записать изменения")


def _add_find(commands: _Commands) -> None:
    find = _add(
        commands,
        "find",
        "Find people and papers by first letters, in any keyboard layout. / Найти по первым буквам, в любой раскладке.",
        desk.find_words,
    )
    find.add_argument("words", nargs="+", help="letters, digits of a phone, a mail / буквы, цифры телефона, адрес")
    find.add_argument(
        "--kind", nargs="+", default=[], metavar="KIND", help=f"only these: {', '.join(KINDS)} / что искать"
    )
    find.add_argument("--limit", type=int, default=20, help="at most so many, the best first / не больше стольких")
    find.add_argument("--json", action="store_true", help="print one JSON object / вывести JSON")


def _add_tell(commands: _Commands) -> None:
    told = _add(
        commands,
        "tell",
        "Say something to people, each by the way that reaches them. / Сообщить людям.",
        tell.tell_people,
    )
    told.add_argument("to", help="key, mail, role or client group; several with commas / кому, через запятую")
    told.add_argument("text", help="what to say, in quotes / текст в кавычках")
    jobs.describe(told, tell.TELL)


def _add_quarantine(commands: _Commands) -> None:
    words = commands.add_parser("quarantine", help="What was kept aside, and your word about it. / Карантин и решения.")
    actions = words.add_subparsers(title="actions", required=True, metavar="ACTION")
    listed = _add(actions, "list", "The rows that wait for a person. / Что ждёт решения.", quarantine.list_quarantine)
    listed.add_argument("--all", action="store_true", help="also those decided / и решённые")
    listed.add_argument("--source", default="", help="mail, process, outbox, or a call log's name / источник")
    listed.add_argument("--limit", type=int, default=100, help="at most so many, the newest first / не больше стольких")
    listed.add_argument("--json", action="store_true", help="print a JSON list / вывести JSON")
    shown = _add(actions, "show", "One row with what is known of it. / Одна строка подробно.", quarantine.show_row)
    shown.add_argument("row", type=int, help="number of the row / номер строки")
    shown.add_argument("--json", action="store_true", help="print one JSON object / вывести JSON")
    decided = _add(actions, "decide", quarantine.DECIDE.help, quarantine.decide)
    decided.add_argument("decision", choices=["release", "fix", "reject"], help="what becomes of them / решение")
    decided.add_argument("rows", type=int, nargs="+", help="numbers of the rows / номера строк")
    jobs.describe(decided, quarantine.DECIDE)


def _add_line(commands: _Commands) -> None:
    words = commands.add_parser("line", help="Your numbers, and giving one up. / Номера и отказ от номера.")
    actions = words.add_subparsers(title="actions", required=True, metavar="ACTION")
    _add(actions, "list", "The numbers and how they stand. / Номера и их состояние.", lines.list_lines)
    for name, said, does in (
        ("delete", "Give a number up in 24 hours. / Отказаться от номера через сутки.", lines.delete_line),
        ("cancel-delete", "Keep it after all. / Оставить номер.", lines.cancel_delete),
    ):
        _add(actions, name, said, does).add_argument("number", help="as telephony.yaml has it / как в telephony.yaml")


def _add_recording(commands: _Commands) -> None:
    words = commands.add_parser("recording", help="Recordings and who may hear them. / Записи разговоров и доступ.")
    actions = words.add_subparsers(title="actions", required=True, metavar="ACTION")
    recordings.add_commands(lambda name, said, run: _add(actions, name, said, run))


def _add_held(commands: _Commands) -> None:
    words = commands.add_parser("held", help="Items that stopped, and letting them go on. / Что остановлено.")
    actions = words.add_subparsers(title="actions", required=True, metavar="ACTION")
    listed = _add(actions, "list", "What waits for a person. / Что ждёт решения.", held.list_held)
    listed.add_argument("--process", default="", help="only of this process / только этого процесса")
    listed.add_argument("--limit", type=int, default=100, help="at most so many, the longest held first / не больше")
    listed.add_argument("--json", action="store_true", help="print a JSON list / вывести JSON")
    released = _add(actions, "release", held.RELEASE.help, held.release)
    released.add_argument("items", type=int, nargs="*", help="row numbers; none: all of them / номера; пусто: все")
    jobs.describe(released, held.RELEASE)


def _add_development(commands: _Commands) -> None:
    test = _add(commands, "test", "Run the tests. / Запустить тесты.", development.run_tests)
    for kind, what in development.TEST_KINDS.items():
        test.add_argument(f"--{kind}", action="store_true", help=f"only {what}")
    test.add_argument("words", nargs="*", help="passed on to pytest")
    _add(commands, "lint", "Style, format and types. / Стиль и типы.", development.run_lint)
    bench = _add(commands, "bench", "Measure beside a floor. / Измерить.", development.run_bench)
    bench.add_argument("what", choices=development.BENCHMARKS)
    bench.add_argument("words", nargs=argparse.REMAINDER, help="its own options: ./callout bench WHAT --help")
