from __future__ import annotations

import time
from threading import Thread

from deployments.listener.worklist import Job, Worklist

MAIL, OTHER, OUTBOX = Job("mail", "office"), Job("mail", "sales"), Job("outbox")


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_job_asked_for_often_is_done_once_and_each_has_its_own_turn() -> None:
    worklist = Worklist(Clock())
    for job in (OTHER, MAIL, OTHER, MAIL):
        worklist.want(job)
    assert [worklist.take(job, 0) for job in (MAIL, OTHER, OUTBOX, MAIL, OTHER)] == [True, True, False, False, False]


def test_a_job_asked_for_while_it_runs_runs_again() -> None:
    worklist = Worklist(Clock())
    worklist.want(MAIL)
    assert worklist.take(MAIL, 0)
    worklist.want(MAIL)
    worklist.done(MAIL)
    assert worklist.take(MAIL, 0)


def test_a_failed_job_comes_back_later_each_time_and_at_once_after_a_good_one() -> None:
    clock = Clock()
    worklist = Worklist(clock)
    pauses = []
    for _ in range(9):
        pauses.append(worklist.failed(MAIL))
        worklist.want(MAIL)
        assert not worklist.take(MAIL, 0)
        clock.now += pauses[-1]
        assert worklist.take(MAIL, 0)
    assert pauses == [5, 10, 20, 40, 80, 160, 300, 300, 300]
    worklist.done(MAIL)
    worklist.want(MAIL)
    assert worklist.take(MAIL, 0)
    assert worklist.failed(MAIL) == 5


def test_a_pause_of_one_job_holds_no_other_up() -> None:
    worklist = Worklist(Clock())
    worklist.failed(OUTBOX, again=False)
    worklist.want(OUTBOX)
    worklist.want(MAIL)
    assert worklist.take(MAIL, 0)
    assert not worklist.take(OUTBOX, 0)


def test_a_job_that_is_forgotten_leaves_nothing_behind() -> None:
    worklist = Worklist(Clock())
    worklist.failed(MAIL)
    worklist.forget(MAIL)
    assert not worklist.take(MAIL, 0)
    worklist.want(MAIL)
    assert worklist.take(MAIL, 0)


def test_who_waits_is_woken_by_the_wish_and_not_by_another_ones() -> None:
    worklist = Worklist()
    taken: list[float] = []

    def wait() -> None:
        if worklist.take(MAIL, 20):
            taken.append(time.monotonic())

    waiting = Thread(target=wait)
    waiting.start()
    worklist.want(OTHER)
    time.sleep(0.2)
    assert not taken
    wanted = time.monotonic()
    worklist.want(MAIL)
    waiting.join(20)
    assert taken[0] - wanted < 5
