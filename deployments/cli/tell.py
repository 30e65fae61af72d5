"""`./callout tell WHO TEXT`: say something to people, as the form tell-people does."""

from __future__ import annotations

import argparse

from deployments.cli.jobs import Job, Option, run_named

TELL = Job(
    "tell",
    "flows.saying.tell_people",
    "TellPeopleRequest",
    "Say something to people. / Сообщить людям.",
    (
        Option("who", "your key in people.yaml: who writes / кто пишет"),
        Option("sender", "in whose name; for administrators only / от чьего имени"),
    ),
)


def tell_people(arguments: argparse.Namespace) -> int:
    """Run the flow tell-people."""
    given = {option.field: getattr(arguments, option.field) for option in TELL.options}
    to = [word.strip() for word in arguments.to.split(",") if word.strip()]
    fields = {"to": to, "text": arguments.text}
    return run_named(TELL, fields | {name: value for name, value in given.items() if value}, arguments)
