"""Mail is parsed in a process of its own: whatever happens to it, the others are read."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator

import psutil
import pytest

from tasks.gateways.mail_parser import parse_mail
from tasks.gateways.mail_parsing import MailParser
from tasks.rules.mail.parsed import UnreadableMail
from tests.samples.mail_room import message
from tests.samples.waiting import is_gone, wait_for

GOOD = [message(f"m{number}") for number in range(120)]
LARGE = b"From: a@example.com\r\n\r\n" + b"x" * 60_000_000


@pytest.fixture
def make_parser() -> Iterator[Callable[..., MailParser]]:
    made: list[MailParser] = []

    def make(**limits: float) -> MailParser:
        made.append(MailParser(**limits))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for parser in made:
        parser.close()


def test_the_child_reads_what_we_would_read(make_parser: Callable[..., MailParser]) -> None:
    parser = make_parser()
    assert list(parser.parse(GOOD)) == [parse_mail(raw) for raw in GOOD]
    first = parser.child_pid
    assert list(parser.parse([b""])) == [parse_mail(b"")]
    assert parser.child_pid == first


def test_a_mail_too_large_for_memory_is_unreadable_and_the_others_are_read(
    make_parser: Callable[..., MailParser],
) -> None:
    parser = make_parser(memory_bytes=140_000_000)
    before, large, after = parser.parse([GOOD[0], LARGE, GOOD[1]])
    assert isinstance(large, UnreadableMail)
    assert (before, after) == (parse_mail(GOOD[0]), parse_mail(GOOD[1]))


def test_a_mail_that_takes_too_long_is_unreadable_and_the_others_are_read(
    make_parser: Callable[..., MailParser],
) -> None:
    parser = make_parser(seconds_per_mail=0.5)
    slow = b"Received: x\r\n" * 3_000_000
    before, late, after = parser.parse([GOOD[0], slow, GOOD[1]])
    assert late == UnreadableMail("reading it takes more than 0.5 s")
    assert (before, after) == (parse_mail(GOOD[0]), parse_mail(GOOD[1]))


def test_a_child_that_stops_answering_is_no_mails_fault(make_parser: Callable[..., MailParser]) -> None:
    parser = make_parser(seconds_per_mail=1.0)
    list(parser.parse(GOOD[:1]))
    pid = parser.child_pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    assert list(parser.parse(GOOD[:3])) == [parse_mail(raw) for raw in GOOD[:3]]
    assert is_gone(pid)


def test_a_killed_child_is_no_mails_fault(make_parser: Callable[..., MailParser]) -> None:
    parser = make_parser()
    answers = parser.parse(GOOD)
    found = [next(answers)]
    assert parser.child_pid is not None
    os.kill(parser.child_pid, signal.SIGKILL)
    assert [*found, *answers] == [parse_mail(raw) for raw in GOOD]


def test_the_child_ends_with_us() -> None:
    reader, writer = os.pipe()
    us = os.fork()
    if us == 0:
        parser = MailParser()
        list(parser.parse(GOOD[:1]))
        os.write(writer, str(parser.child_pid).encode())
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(us, 0)
    child = int(os.read(reader, 20))
    os.close(reader)
    os.close(writer)
    wait_for(lambda: is_gone(child), 20)


def test_a_fork_has_a_child_of_its_own(make_parser: Callable[..., MailParser]) -> None:
    parser = make_parser()
    list(parser.parse(GOOD[:1]))
    us = os.fork()
    if us == 0:
        parsed = list(parser.parse(GOOD[:2]))
        parser.close()
        os._exit(0 if parsed == [parse_mail(raw) for raw in GOOD[:2]] else 1)
    _, status = os.waitpid(us, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert parser.child_pid is not None
    assert psutil.pid_exists(parser.child_pid)
    assert list(parser.parse(GOOD[:1])) == [parse_mail(GOOD[0])]
