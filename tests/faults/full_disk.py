"""A disk that is full, where no small disk can be mounted. PostgreSQL's disk is its server's, and cannot be filled so.

`limit_pages` has SQLite refuse a page more than it has, which is the error it gives for ENOSPC (SQLITE_FULL), at the
statement. A victim's `file_bytes` (RLIMIT_FSIZE) lets the operating system refuse the write itself: of the write-ahead
log within a commit, or of an attachment's file.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa


def limit_pages(engine: sa.Engine, free_pages: int) -> None:
    """From the next connection on the SQLite store may grow by `free_pages` pages."""

    def limit(connection: Any, _record: Any) -> None:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count={pages + free_pages}")

    sa.event.listen(engine, "connect", limit)
