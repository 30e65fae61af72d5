"""The sample telephone day, call by call, as the office lived it. Desks: 100 to 106, 201, 202; queues 600 and 601."""

from __future__ import annotations

from deployments.demo.call_day import CallDay
from deployments.demo.call_truth import known, stranger


def play(day: CallDay) -> None:
    """Tuesday, 17 November 2026, 08:55 to 18:25 Moscow time."""
    for hour in (_eight, _nine, _ten, _eleven, _noon, _one, _two, _three, _four, _five, _six):
        hour(day)


def _eight(day: CallDay) -> None:
    day.queue("08:55:10", stranger(3), 600, 45, rung=(101, 102, 103), timeout=True, missed="returned")
    day.inner("08:58:02", 100, 101, 5, 62)


def _nine(day: CallDay) -> None:
    day.queue("09:00:40", known(3), 601, 23, 101, 151, rung=(104,))
    day.direct("09:04:15", known(4), (102,), 7, 95)
    day.queue("09:06:30", stranger(4), 600, 22, 102, 240, rung=(101,))
    day.out("09:11:05", 101, stranger(3), 14, 133)
    day.queue("09:14:20", known(1), 601, 47, rung=(101, 104), missed="returned")
    day.queue("09:18:00", stranger(5), 600, 11, 103, 310, to=(102, 185))
    day.queue("09:21:12", stranger(1), 600, 38, rung=(101, 103), missed="came_back")
    day.queue("09:26:44", stranger(1), 600, 41, rung=(102, 103), missed="came_back")
    day.out("09:31:30", 101, known(1), 9, 96)
    day.queue("09:34:05", stranger(1), 600, 6, 101, 205)
    day.direct("09:40:50", known(6), (103, 102, 101), 12, 88)
    day.queue("09:47:33", "anonymous", 600, 9, 101, 54)
    day.inner("09:52:10", 101, 104, 4, 47)
    day.queue("09:55:55", stranger(20), 600, 3)


def _ten(day: CallDay) -> None:
    day.queue("10:01:20", known(8), 601, 5, 104, 263)
    day.direct("10:05:42", stranger(6), (101, 102, 103), 9, 177)
    day.out("10:09:15", 102, known(9), 18, 322)
    day.queue("10:13:08", stranger(7), 600, 17, 102, 149, rung=(101,))
    day.queue("10:19:31", known(10), 601, 26, 101, 198, rung=(104,), to=(201, 240), consult=35)
    day.direct("10:24:00", known(7), (102,), 30, missed="returned")
    day.out("10:29:47", 103, stranger(5), 11, 71)
    day.queue("10:33:25", stranger(8), 600, 12, 103, 417)
    day.inner("10:41:00", 104, 201, 8, 93)
    day.queue("10:44:19", known(12), 601, 4)
    day.out("10:50:36", 102, known(7), 32)
    day.queue("10:54:50", known(11), 601, 7, 101, 124)
    day.direct("10:58:28", stranger(10), (103,), 2, result="busy", missed="returned")


def _eleven(day: CallDay) -> None:
    day.queue("11:02:11", stranger(9), 600, 15, 102, 285)
    day.out("11:07:30", 104, known(13), 16, 74)
    day.queue("11:11:42", known(2), 601, 33, 104, 166, rung=(101, 104))
    day.direct("11:17:05", known(5), (102, 103), 8, 231)
    day.queue("11:22:50", stranger(11), 600, 58, rung=(101, 102, 103), missed="open")
    day.out("11:28:16", 103, stranger(8), 21, 109)
    day.queue("11:33:44", known(14), 601, 34, 101, 83, rung=(104, 102))
    day.inner("11:37:20", 105, 100, 6, 128)
    day.queue("11:43:09", stranger(12), 600, 6, 103, 352, to=(104, 96))
    day.direct("11:52:33", known(15), (104,), 11, 140)
    day.out("11:57:01", 101, known(16), 7, 0, result="busy")


def _noon(day: CallDay) -> None:
    day.out("12:02:45", 101, known(16), 13, 187)
    day.queue("12:08:10", stranger(13), 600, 19, 101, 202, rung=(103,))
    day.queue("12:14:22", known(17), 601, 52, rung=(101, 104), missed="came_back")
    day.direct("12:20:00", stranger(14), (102, 103, 101), 26, missed="returned")
    day.queue("12:27:36", known(18), 601, 18, 104, 119, rung=(101,))
    day.queue("12:33:58", stranger(2), 600, 64, rung=(101, 102, 103), missed="open")
    day.inner("12:39:15", 101, 102, 3, 41)
    day.queue("12:44:40", known(17), 601, 8, 101, 145)
    day.out("12:51:27", 102, stranger(14), 10, 263)


def _one(day: CallDay) -> None:
    day.queue("13:00:03", known(19), 601, 29, 101, 76, rung=(104,))
    day.out("13:06:50", 103, stranger(10), 4, result="busy")
    day.queue("13:11:14", stranger(15), 600, 37, 102, 395, rung=(101, 103))
    day.direct("13:19:30", known(20), (103,), 6, 58)
    day.queue("13:24:05", "anonymous", 601, 31, rung=(101, 104))
    day.queue("13:29:48", known(21), 601, 12, 104, 248, to=(202, 133))
    day.out("13:40:12", 103, stranger(10), 12, 154)
    day.inner("13:46:33", 104, 202, 20)
    day.queue("13:51:20", stranger(16), 600, 21, 103, 188, rung=(102,))


def _two(day: CallDay) -> None:
    day.queue("14:02:09", known(22), 601, 19, 101, 172, rung=(104,))
    day.direct("14:07:44", stranger(17), (101, 103), 14, 96)
    day.out("14:12:30", 104, known(21), 15, 52)
    day.queue("14:17:55", known(3), 601, 36, rung=(104, 101), missed="returned")
    day.queue("14:23:40", stranger(18), 600, 31, 102, 224, rung=(103, 101))
    day.out("14:30:18", 105, known(23), 19, 81)
    day.queue("14:36:02", known(24), 601, 5, 104, 311)
    day.out("14:44:27", 104, known(3), 8, 127)
    day.inner("14:50:50", 100, 105, 7, 256)
    day.queue("14:56:31", stranger(4), 600, 16, 101, 143, rung=(103,))


def _three(day: CallDay) -> None:
    day.queue("15:02:15", stranger(20), 600, 10, 103, 267)
    day.direct("15:08:40", known(25), (102,), 9, 114)
    day.queue("15:14:22", known(26), 601, 24, 101, 205, rung=(104,), to=(103, 92), consult=22)
    day.out("15:22:37", 101, known(8), 12, 67)
    day.queue("15:27:10", stranger(19), 600, 43, rung=(102, 103), missed="came_back")
    day.inner("15:33:48", 102, 103, 5, 38)
    day.direct("15:38:05", stranger(19), (103, 102, 101), 11, 182)
    day.queue("15:45:59", known(27), 601, 6, 104, 94)
    day.out("15:51:44", 102, stranger(9), 30)


def _four(day: CallDay) -> None:
    day.queue("16:00:26", stranger(21), 600, 18, 102, 339, rung=(101,))
    day.queue("16:08:13", known(28), 601, 21, 101, 128, rung=(104,))
    day.direct("16:13:40", known(29), (104, 101), 30, missed="returned")
    day.out("16:21:05", 104, known(29), 10, 149)
    day.queue("16:27:34", stranger(22), 600, 2)
    day.queue("16:32:50", known(30), 601, 20, 104, 216, rung=(101,))
    day.out("16:40:11", 103, stranger(12), 3, result="failed")
    day.queue("16:45:27", stranger(7), 600, 9, 103, 151)
    day.inner("16:53:00", 201, 104, 6, 84)


def _five(day: CallDay) -> None:
    day.queue("17:01:38", known(31), 601, 33, 101, 178, rung=(104, 103))
    day.queue("17:07:20", stranger(23), 600, 55, rung=(101, 102, 103), missed="returned")
    day.out("17:13:55", 102, known(25), 17, 203)
    day.direct("17:20:09", known(32), (103,), 8, 137)
    day.queue("17:26:42", stranger(24), 600, 7, 102, 291, to=(101, 64))
    day.out("17:35:30", 101, stranger(23), 13, 118)
    day.queue("17:41:16", known(33), 601, 15, 104, 109)
    day.inner("17:47:50", 101, 100, 9, 55)
    day.queue("17:53:33", stranger(25), 600, 23, 103, 176, rung=(102,))


def _six(day: CallDay) -> None:
    day.direct("18:02:20", known(34), (101, 102, 103), 13, 122)
    day.queue("18:09:45", known(35), 601, 39, rung=(101, 104), missed="open")
    day.out("18:14:08", 104, known(30), 11, 64)
    day.queue("18:20:17", stranger(26), 600, 48, rung=(101, 102), missed="open")
