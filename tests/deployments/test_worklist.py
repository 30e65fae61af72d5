from __future__ import annotations

from deployments.listener.worklist import Job, Worklist

MAIL, OTHER, OUTBOX = Job("mail", "office"), Job("mail", "sales"), Job("outbox")


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def taken(worklist: Worklist) -> list[Job]:
    found = []
    while job := worklist.take(0):
        found.append(job)
    return found


def test_a_job_asked_for_often_is_done_once_oldest_first() -> None:
    clock = Clock()
    worklist = Worklist(clock)
    for job in (OTHER, MAIL, OTHER, OUTBOX, MAIL):
        worklist.want(job)
        clock.now += 1
    assert taken(worklist) == [OTHER, MAIL, OUTBOX]


def test_a_job_asked_for_while_it_runs_runs_again() -> None:
    worklist = Worklist(Clock())
    worklist.want(MAIL)
    assert worklist.take(0) == MAIL
    worklist.want(MAIL)
    worklist.done(MAIL)
    assert taken(worklist) == [MAIL]


def test_a_failed_job_comes_back_later_each_time_and_at_once_after_a_good_one() -> None:
    clock = Clock()
    worklist = Worklist(clock)
    pauses = []
    for _ in range(9):
        pauses.append(worklist.failed(MAIL))
        worklist.want(MAIL)
        assert worklist.take(0) is None
        clock.now += pauses[-1]
        assert worklist.take(0) == MAIL
    assert pauses == [5, 10, 20, 40, 80, 160, 300, 300, 300]
    worklist.done(MAIL)
    worklist.want(MAIL)
    assert worklist.take(0) == MAIL
    assert worklist.failed(MAIL) == 5


def test_a_pause_of_one_job_holds_no_other_up() -> None:
    worklist = Worklist(Clock())
    worklist.failed(OUTBOX, again=False)
    worklist.want(OUTBOX)
    worklist.want(MAIL)
    assert taken(worklist) == [MAIL]
