"""Commands about the house itself: demo, up, init, the office folder, the database, deployments."""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

from deployments.settings import PROJECT, read_settings
from tasks.rules.errors import UsageError


def run_demo(arguments: argparse.Namespace) -> int:
    """One whole day on real servers."""
    from deployments.demo.run import run_demo as run

    home = arguments.home or read_settings().home / "demo"
    return run(home.resolve(), exit_after=arguments.exit, as_json=arguments.json)


def run_up(_arguments: argparse.Namespace) -> int:
    """Server, worker and listener under one supervisor, until Ctrl-C."""
    from deployments.supervisor import run_up as run
    from flows.opening import open_desk

    open_desk().engine.dispose()
    return run(read_settings())


def open_door(_arguments: argparse.Namespace) -> int:
    """The door alone, until Ctrl-C: for a machine of its own, or while trying things."""
    from deployments.cli.prefect_client import prepare_prefect
    from deployments.prefect_server import require_free_port

    settings = read_settings()
    require_free_port(settings.door_port, "CALLOUT_DOOR_PORT")
    prepare_prefect(settings)
    from deployments.door.__main__ import main

    return main()


def init_office(arguments: argparse.Namespace) -> int:
    """Copy the sample office into a new folder."""
    folder: Path = arguments.folder
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} is there already and is not empty: name a new folder")
    shutil.copytree(PROJECT / "deployments" / "office", folder, dirs_exist_ok=True)
    print(f"Your office lies in {folder}. Next / дальше:")
    print(f"  1. edit {folder}/office.yaml, mailboxes.yaml, people.yaml, clients.yaml, telephony.yaml")
    print("  2. give the mailbox password: export CALLOUT_SECRET_… (each file says which name)")
    print(f"  3. export CALLOUT_OFFICE={folder.resolve()}")
    print("  4. ./callout office check && ./callout up")
    return 0


def _write_schema(folder: Path) -> int:
    """The JSON Schema of telephony.yaml, beside it."""
    from tasks.gateways.office_schema import SCHEMA_FILE, telephony_schema

    text = json.dumps(telephony_schema(), indent=2, ensure_ascii=False)
    (folder / SCHEMA_FILE).write_text(f"{text}\n", encoding="utf-8")
    print(folder / SCHEMA_FILE)
    return 0


def check_office(arguments: argparse.Namespace) -> int:
    """Read the whole office folder and say what is wrong with it, each with file and line; or write its schema."""
    if arguments.action == "schema":
        return _write_schema(arguments.folder or read_settings().office)
    from tasks.gateways.office_folder import load_office
    from tasks.gateways.wording_checks import check_templates
    from tasks.rules.errors import OfficeError

    folder = arguments.folder or read_settings().office
    office = load_office(folder)
    problems = check_templates(office)
    if problems:
        raise OfficeError(problems)
    found = {
        "people": len(office.people),
        "mailboxes": len(office.mailboxes),
        "brands": len(office.brands),
        "clients": len(office.clients),
        "call_logs": len(office.telephony.logs),
        "registers": len(office.registers),
        "register_entries": sum(len(register.entries) for register in office.registers),
        "prices": len(office.prices),
        "processes": len(office.processes),
    }
    if arguments.json:
        print(json.dumps({"office": office.name, **found}, ensure_ascii=False))
    else:
        print(f"{office.name}: in order ({', '.join(f'{count} {name}' for name, count in found.items())})")
    return 0


def move_database(arguments: argparse.Namespace) -> int:
    """Upgrade, downgrade or show the store's revision."""
    from tasks.gateways.store.connection import open_store
    from tasks.gateways.store.revision import current_revision, downgrade, newest_revision, upgrade

    engine = open_store(read_settings().store_url)
    if arguments.action == "upgrade":
        upgrade(engine, arguments.revision)
    if arguments.action == "downgrade":
        if arguments.revision == "head":
            raise UsageError("say how far back: ./callout db downgrade REVISION (or base, which empties the store)")
        downgrade(engine, arguments.revision)
    found = current_revision(engine)
    if arguments.json:
        print(json.dumps({"revision": found, "newest": newest_revision()}))
    else:
        print(f"the database is at revision {found or 'none (empty)'}, the newest is {newest_revision()}")
    return 0


def apply_deployments(arguments: argparse.Namespace) -> int:
    """Deploy prefect.yaml to the running server and prune what is no longer in it."""
    from deployments.apply import apply

    names = apply(read_settings())
    print(json.dumps(names, ensure_ascii=False) if arguments.json else "\n".join(names))
    return 0
