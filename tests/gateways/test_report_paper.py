"""A page printed by Chromium: a PDF of the page's own text, the same bytes for the same moment."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tasks.gateways.report_paper import print_page
from tasks.rules.errors import OutsideError

pytestmark = pytest.mark.browser
NOON = datetime(2026, 11, 17, 12, 0, tzinfo=UTC)
PAGE = "<!doctype html><html lang='ru'><title>Отчёт</title><body><h1>Телефония</h1></body></html>"


def test_the_same_page_gives_the_same_bytes() -> None:
    first = print_page(PAGE, NOON)
    assert first.startswith(b"%PDF-")
    assert b"D:20261117120000" in first
    assert print_page(PAGE, NOON) == first


def test_without_a_browser_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(OutsideError, match="needs Chromium"):
        print_page(PAGE, NOON)
