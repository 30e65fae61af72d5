"""The words of `./callout process …` and of the commands that try processes."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from deployments.cli.later import Later

Add = Callable[..., argparse.ArgumentParser]
MOST_STEPS = 20_000
_PROVE = "Replay the recorded course exactly; each difference is shown, exit 1. / Доказать записанный ход процессов."
answers = Later("deployments.cli.answers")
process = Later("deployments.cli.process")
process_moving = Later("deployments.cli.process_moving")
process_trials = Later("deployments.cli.process_trials")


def add_process(commands: argparse._SubParsersAction[argparse.ArgumentParser], add: Add) -> None:
    """Add `process` with its actions; `add` is how the parser adds one command."""
    words = commands.add_parser("process", help="Process files: check, compare, draw. / Файлы процессов.")
    actions = words.add_subparsers(title="actions", required=True, metavar="ACTION")
    check = add(
        actions,
        "check",
        "Mistakes, gaps, and what depends on the order; exit 1 on errors. / Проверить файлы процессов.",
        process.check_processes,
    )
    check.add_argument("files", type=Path, nargs="*", help="default: all of the office folder / файлы")
    check.add_argument(
        "--steps", type=int, default=MOST_STEPS, help="at most so many steps are tried per file; 0: none / не больше"
    )
    _json(check)
    diff = add(
        actions,
        "diff",
        "What differs, stage by stage and rule by rule; exit 1 when anything does. / Чем отличаются версии.",
        process.show_diff,
    )
    diff.add_argument("old", help="file, NAME, or NAME@VERSION as it ran / файл, имя или имя@версия")
    diff.add_argument("new", nargs="?", help="empty: OLD against the version that runs / пусто: с действующей")
    _json(diff)
    schema = add(actions, "schema", "The JSON Schema for editors. / Схема для редактора.", process.write_schema)
    schema.add_argument("--write", action="store_true", help="into the office folder / записать в папку офиса")
    draw = add(actions, "draw", "The process as a picture. / Нарисовать процесс.", process.draw_process)
    draw.add_argument("name", help="file, NAME, or NAME@VERSION / файл, имя или имя@версия")
    kind = draw.add_mutually_exclusive_group()
    kind.add_argument("--svg", action="store_true", help="as SVG (default)")
    kind.add_argument("--mermaid", action="store_true", help="as Mermaid text / текст Mermaid")
    draw.add_argument("--live", action="store_true", help="with counts, hours and lateness / с живыми числами")
    draw.add_argument("--days", type=int, default=90, help="hours are of the last days / за сколько дней часы")
    draw.add_argument("--language", choices=["ru", "en"], default="", help="default: the office's / язык")
    draw.add_argument("--output", type=Path, metavar="FILE", help="write it there / записать в файл")
    _add_moving(actions, add)


def _add_moving(actions: argparse._SubParsersAction[argparse.ArgumentParser], add: Add) -> None:
    export = add(actions, "export", "One self-contained file. / Один файл для передачи.", process_moving.export_process)
    export.add_argument("name", help="NAME of the office folder / имя процесса")
    export.add_argument("--version", type=int, default=0, help="as it ran; empty: the folder's / версия")
    export.add_argument("--output", type=Path, metavar="FILE", help="write it there / записать в файл")
    taken = add(
        actions,
        "import",
        "Check a file, say what changes, put it into the office folder. / Принять файл процесса.",
        process_moving.import_process,
    )
    taken.add_argument("file", type=Path, help="the file / файл")
    taken.add_argument("--dry-run", action="store_true", help="write nothing / ничего не записывать")
    moved = add(
        actions,
        "migrate",
        "Take open items over to another version: a plan, or --apply; exit 1 when some stay. / Перевести на версию.",
        process_moving.migrate_process,
    )
    moved.add_argument("name", help="NAME of the process / имя процесса")
    moved.add_argument("--to", type=int, required=True, metavar="VERSION", help="the version to go to / на версию")
    moved.add_argument("--stage", nargs="+", default=[], metavar="OLD=NEW", help="stages of another name / этапы")
    moved.add_argument("--work", nargs="+", default=[], metavar="OLD=NEW", help="work of another name / работы")
    moved.add_argument("--due", choices=["fire", "skip"], default="", help="new clocks that are due already / сроки")
    moved.add_argument("--who", default="", help="your key in people.yaml / кто решил")
    moved.add_argument("--apply", action="store_true", help="take over what fits / перевести подходящее")
    _json(moved)


def add_trials(commands: argparse._SubParsersAction[argparse.ArgumentParser], add: Add) -> None:
    """Add `backtest`, `prove` and `shadow`."""
    _add_backtest(commands, add)
    proved = add(commands, "prove", _PROVE, process_trials.prove)
    _days(proved)
    proved.add_argument("--as-of", default="", help="the moment the run is about, ISO with zone; empty: now")
    _json(proved)
    _add_shadow(commands, add)


def _add_backtest(commands: argparse._SubParsersAction[argparse.ArgumentParser], add: Add) -> None:
    tried = add(
        commands,
        "backtest",
        "Try a process file on what really came in; nothing is written. / Испытать файл на прошлом.",
        process_trials.run_backtest,
    )
    tried.add_argument("file", help="the changed file, NAME or NAME@VERSION / изменённый файл")
    _days(tried)
    tried.add_argument(
        "--assume", action="store_true", help="answer what nobody was asked as people usually do / обычные ответы"
    )
    tried.add_argument(
        "--answers", type=Path, metavar="YAML", help="assume these answers, by work or role / ответы из файла"
    )
    tried.add_argument("--item", type=int, default=0, help="one item in detail: its number / один процесс подробно")
    _json(tried)


def _add_shadow(commands: argparse._SubParsersAction[argparse.ArgumentParser], add: Add) -> None:
    words = commands.add_parser("shadow", help="A new version that only watches. / Версия, которая только наблюдает.")
    actions = words.add_subparsers(title="actions", required=True, metavar="ACTION")
    start = add(actions, "start", "Let a process file watch. / Начать наблюдение.", process_trials.start_shadow)
    start.add_argument("file", help="the new file, NAME or NAME@VERSION / новый файл")
    start.add_argument("--who", default="", help="your key in people.yaml / кто начал")
    _json(start)
    stop = add(actions, "stop", "End a run. / Закончить наблюдение.", process_trials.stop_shadow)
    stop.add_argument("run_id", type=int, metavar="RUN", help="number of the run / номер")
    _json(stop)
    _json(add(actions, "list", "All runs. / Все наблюдения.", process_trials.list_shadows))
    show = add(
        actions,
        "show",
        "What it would have done otherwise; exit 1 when anything. / Что было бы иначе.",
        process_trials.show_shadow,
    )
    show.add_argument("run_id", type=int, metavar="RUN", help="number of the run / номер")
    show.add_argument("--limit", type=int, default=20, help="at most so many, the newest first / не больше стольких")
    _json(show)


def add_answers(commands: argparse._SubParsersAction[argparse.ArgumentParser], add: Add) -> None:
    """Add `answers`."""
    words = commands.add_parser("answers", help="Answers to exceptions, kept. / Ответы на случаи, запомненные.")
    actions = words.add_subparsers(title="actions", required=True, metavar="ACTION")
    _json(add(actions, "held", "What waits, with suggestions. / Что ждёт ответа, с подсказками.", answers.list_held))
    give = add(
        actions, "give", "Answer for a held item; it is done and kept. / Ответить и запомнить.", answers.give_answer
    )
    give.add_argument("item", type=int, help="number of the item / номер строки")
    give.add_argument("words", nargs="+", help="release, drop, or set FIELD=VALUE … / ответ")
    give.add_argument("--who", required=True, help="your key in people.yaml / кто отвечает")
    _json(give)
    _json(add(actions, "list", "What was learned, with counts. / Чему научились.", answers.list_answers))
    revoked = add(actions, "revoke", "Ask a person again. / Отозвать: снова спрашивать.", answers.revoke_answers)
    revoked.add_argument("rule", type=int, help="its number in `answers list` / номер правила")
    revoked.add_argument("--who", required=True, help="your key in people.yaml / кто отзывает")
    revoked.add_argument("--note", default="", help="why / почему")
    _json(revoked)


def _days(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--from", dest="first_day", default="", metavar="DAY", help="first day, 2026-11-17; empty: yesterday / с"
    )
    parser.add_argument(
        "--to", dest="last_day", default="", metavar="DAY", help="last day, inclusive; empty: yesterday / по"
    )


def _json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON / вывести JSON")
