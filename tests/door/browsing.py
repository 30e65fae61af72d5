"""Debian's Chromium at the door: pages as people see them, signed in or not, on a telephone, in the dark, on paper."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from deployments.door.room import Room
from deployments.door.visitors import cookie_name
from tasks.gateways.store.connection import writing
from tasks.gateways.store.door_sessions import begin_sign_in, use_sign_in

CHROMIUM = next((path for name in ("chromium", "chromium-browser") if (path := shutil.which(name))), "")
AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
needs_chromium = pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed: apt-get install chromium")


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser without a window; as root it needs to go without its sandbox."""
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()


def context_of(browser: Browser, room: Room, person_id: int = 0, **more: Any) -> BrowserContext:
    """A visitor's own window; `person_id` is signed in."""
    context: BrowserContext = browser.new_context(viewport=more.pop("viewport", DESK), locale="ru-RU", **more)
    if person_id:
        with writing(room.desk.engine) as connection:
            _, token = begin_sign_in(connection, person_id, room.now())
            cookie = use_sign_in(connection, token, "test", room.now())
        context.add_cookies([{"name": cookie_name(room), "value": str(cookie), "url": room.url}])
    return context


def leave(page: Any) -> None:
    """Close a page whose last key or click may still be loading: Chromium never closes one in the middle of that."""
    page.goto("about:blank")
    page.close()


def overflow_pixels(page: Any) -> int:
    """By how much the page is wider than the window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def axe_violations(page: Any) -> list[str]:
    """What axe-core finds wrong, under the page's own CSP: evaluated by the browser's debugger, no script is loaded."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in found["violations"]]
