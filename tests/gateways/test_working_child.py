"""A child may end at any moment: another takes its place, and none is ever left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from tasks.gateways.working_child import Answers, WorkingChild
from tasks.rules.errors import OutsideError
from tests.samples.waiting import is_gone, wait_for

MODULE = "tests.samples.small_child"


@pytest.fixture
def make_child() -> Iterator[Callable[..., WorkingChild]]:
    made: list[WorkingChild] = []

    def make(idle_seconds: float = 0.0, answer_seconds: float = 20.0, module: str = MODULE) -> WorkingChild:
        made.append(WorkingChild("turns words", module, str(idle_seconds), answer_seconds=answer_seconds))
        return made[-1]

    yield make
    for child in made:
        child.close()


def _pid(child: WorkingChild) -> int:
    assert child.pid is not None
    return child.pid


def test_every_frame_has_its_answer_in_order(make_child: Callable[..., WorkingChild]) -> None:
    child = make_child()
    assert child.make_ready()
    large = bytes(range(256)) * 20_000
    assert child.ask([b"one", b"", large, b"two"]) == Answers([b"eno", b"", large[::-1], b"owt"])
    assert not child.make_ready()
    assert child.ask([]) == Answers([])


def test_one_killed_before_it_was_ready_is_replaced(make_child: Callable[..., WorkingChild]) -> None:
    child = make_child()
    child.start()
    first = _pid(child)
    child.start()
    assert child.pid == first
    os.kill(first, signal.SIGKILL)
    assert child.make_ready()
    assert child.ask([b"ab"]).frames == [b"ba"]


def test_one_that_dies_of_a_frame_is_replaced(make_child: Callable[..., WorkingChild]) -> None:
    child = make_child()
    child.make_ready()
    first = _pid(child)
    assert child.ask([b"ab", b"die", b"cd"]) == Answers([b"ba"], "ended")
    assert is_gone(first)
    assert child.make_ready()
    assert child.ask([b"cd"]).frames == [b"dc"]


def test_one_that_takes_too_long_is_ended(make_child: Callable[..., WorkingChild]) -> None:
    child = make_child(answer_seconds=0.3)
    child.make_ready()
    first = _pid(child)
    assert child.ask([b"ab", b"sleep"]) == Answers([b"ba"], "late")
    assert is_gone(first)


def test_an_idle_one_ends_and_is_replaced(make_child: Callable[..., WorkingChild]) -> None:
    child = make_child(idle_seconds=0.1)
    child.make_ready()
    first = _pid(child)
    wait_for(lambda: is_gone(first), 20)
    assert child.make_ready()
    assert child.pid != first


def test_one_that_cannot_start_is_an_error_in_words(make_child: Callable[..., WorkingChild]) -> None:
    with pytest.raises(OutsideError, match="the process that turns words does not start"):
        make_child(module="tests.samples.no_such_module").make_ready()


@pytest.mark.parametrize("is_waited_for", [True, False], ids=["ready", "starting"])
def test_it_ends_with_us_and_a_fork_has_its_own(is_waited_for: bool) -> None:
    prepare = "child.make_ready()" if is_waited_for else "child.start()"
    code = (
        "import json, os, signal; from tasks.gateways.working_child import WorkingChild\n"
        f"child = WorkingChild('turns words', {MODULE!r}, '0', answer_seconds=20.0); {prepare}; mine = child.pid\n"
        "hear, tell = os.pipe()\n"
        "if os.fork() == 0:\n"
        f"    {prepare}; os.write(tell, str(child.pid).encode()); os.kill(os.getpid(), signal.SIGKILL)\n"
        "print(json.dumps([mine, int(os.read(hear, 20))]), flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    told = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, check=False)
    assert told.returncode == -signal.SIGKILL
    mine, forks = json.loads(told.stdout)
    assert mine != forks
    wait_for(lambda: is_gone(mine) and is_gone(forks), 30)
