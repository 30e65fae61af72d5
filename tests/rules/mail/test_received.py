"""The arrival of a mail is what the last server wrote on top of its trace."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.rules.mail.header_block import read_raw
from tasks.rules.mail.received import received_at

NOW = datetime(2026, 11, 17, 12, tzinfo=UTC)
AT = datetime(2026, 11, 17, 6, tzinfo=UTC)
TRACE = b"Received: from a.example by b.example; "


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (TRACE + b"Tue, 17 Nov 2026 09:00:00 +0300\r\n" + TRACE + b"Tue, 17 Nov 2026 10:00:00 +0300", AT),
        (TRACE + b"Tue, 17 Nov 2026 09:00:00 +0300 (MSK)", AT),
        (b"Received: by x;\r\n\tTue, 17 Nov\r\n 2026 06:00:00 -0000", AT),
        (b"Received: by x (a; b) ; 17 Nov 2026 06:00:00 GMT", AT),
        (TRACE + b"yesterday\r\n" + TRACE + b"Tue, 17 Nov 2026 09:00:00 +0300", AT),
        (TRACE + b"Tue, 17 Nov 2099 09:00:00 +0300\r\n" + TRACE + b"Tue, 17 Nov 2026 09:00:00 +0300", AT),
        (TRACE + b"Tue, 99 Nov 2026 09:00:00 +9999", None),
        (b"Date: Tue, 17 Nov 2026 09:00:00 +0300", None),
        (b"X-Received: by x; Tue, 17 Nov 2026 09:00:00 +0300", None),
        (b"", None),
    ],
)
def test_the_topmost_readable_date_counts(head: bytes, expected: datetime | None) -> None:
    assert received_at(read_raw(head + b"\r\n\r\nbody"), NOW) == expected


@given(st.binary(max_size=80))
def test_no_trace_breaks_it(trace: bytes) -> None:
    found = received_at(read_raw(TRACE + trace), NOW)
    assert found is None or found <= NOW
