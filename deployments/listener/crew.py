"""Who listens where, as the office folder says now: taken up and ended with the folder, without a restart.

A folder with a mistake is refused with a log line, and the office goes on as it was.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from threading import Event, Thread

from deployments.listener.watching import Pulse, Station, poll_station, watch_station
from deployments.listener.working import work
from deployments.listener.worklist import Job, Worklist
from tasks.desk import Desk
from tasks.rules.errors import CalloutError, OfficeError
from tasks.rules.office import Office

_log = logging.getLogger("callout.listener")

Begin = Callable[..., Thread]
"""Start a thread: the function and its arguments."""


@dataclass(slots=True)
class Crew:
    """The watchers and the workers of the mailboxes; `desk.office` is the office in force."""

    desk: Desk
    worklist: Worklist
    pulse: Pulse
    run: Callable[[Job], None]
    begin: Begin
    watchers: dict[Station, Event] = field(default_factory=dict)
    workers: dict[Job, tuple[Event, Thread]] = field(default_factory=dict)
    _marks: dict[str, str] = field(default_factory=dict)
    _refused: str = ""

    def look(self, read_office: Callable[[], Office]) -> None:
        """Take up what the office folder says now; a broken one is refused, once per mistake."""
        try:
            office = read_office()
        except OfficeError as error:
            if str(error) != self._refused:
                self._refused = str(error)
                _log.error("the office folder is refused, the old one stays in force: %s", error)
            return
        self._refused = ""
        self.desk.office = office
        self._follow(dict.fromkeys(self._wanted(office)))

    def stop(self) -> list[Thread]:
        """Tell everybody to end; the workers, who may be in the middle of a run."""
        threads = [thread for _stop, thread in self.workers.values()]
        for stop in (*self.watchers.values(), *(stop for stop, _thread in self.workers.values())):
            stop.set()
        return threads

    def _wanted(self, office: Office) -> Iterator[Station]:
        for mailbox in office.mailboxes:
            if mailbox.is_active:
                folders = mailbox.folders if mailbox.protocol == "imap" else ("",)
                mark = self._secret_mark(mailbox.secret)
                yield from (Station(mailbox, folder, mark) for folder in folders)

    def _secret_mark(self, name: str) -> str:
        """A secret that cannot be read now (its watcher says so) is no reason to leave a line that holds."""
        try:
            self._marks[name] = hashlib.sha256(self.desk.secrets.read(name).encode()).hexdigest()
        except CalloutError:
            self._marks.setdefault(name, "")
        return self._marks[name]

    def _follow(self, wanted: Mapping[Station, None]) -> None:
        """Workers are ended after the watchers that may ask them, and begun before them."""
        names = {station.mailbox.name for station in wanted}
        for station in [station for station in self.watchers if station not in wanted]:
            self.watchers.pop(station).set()
            self.pulse.forget(station)
        for job in [job for job in self.workers if job.subject not in names]:
            self.workers.pop(job)[0].set()
            self.worklist.forget(job)
            _log.info("mailbox %s: left", job.subject)
        for name in sorted(names):
            self._hire(Job("mail", name))
        for station in wanted:
            if station not in self.watchers:
                self._post(station)

    def _hire(self, job: Job) -> None:
        if job not in self.workers:
            stop = Event()
            self.workers[job] = (stop, self.begin(work, self.desk, self.worklist, job, self.run, stop))

    def _post(self, station: Station) -> None:
        stop = self.watchers[station] = Event()
        _log.info("mailbox %s: listening%s", station.mailbox.name, f" at {station.folder}" if station.folder else "")
        if station.mailbox.protocol == "imap":
            self.begin(watch_station, self.desk.secrets, station, self.worklist, self.pulse, stop)
        else:
            self.begin(poll_station, station, self.worklist, stop)


def surely(target: Callable[..., None], args: tuple[object, ...], fail: Callable[[], None]) -> Thread:
    """A started thread; when `target` raises, it is logged and `fail` is called."""

    def run() -> None:
        try:
            target(*args)
        except Exception:
            _log.exception("%s failed", target.__name__)
            fail()

    thread = Thread(target=run, daemon=True)
    thread.start()
    return thread
