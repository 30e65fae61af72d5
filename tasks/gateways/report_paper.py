"""A report's page as PDF, printed by Chromium where the computer has one.

Chromium writes the moment of printing into the file; it is replaced by the report's own, so that the same report gives
the same bytes again.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from tasks.rules.errors import OutsideError

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_SECONDS = 120
_MOMENT = re.compile(rb"\(D:\d{14}([+-]\d\d'\d\d'|Z)\)")
# A page of our own that holds no script: no sandbox is needed, and in a container there may be none.
_WORDS = (
    "--headless",
    "--disable-gpu",
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--no-pdf-header-footer",
)


def print_page(page: str, as_of: datetime) -> bytes:
    """The page as PDF. Raises OutsideError when Chromium is not there, or fails."""
    browser = _browser()
    if browser is None:
        raise OutsideError("a PDF needs Chromium, and this computer has none")
    with TemporaryDirectory(prefix="callout-print-") as folder:
        source, target = Path(folder, "page.html"), Path(folder, "page.pdf")
        source.write_text(page, encoding="utf-8")
        own = (f"--user-data-dir={folder}/profile", f"--print-to-pdf={target}", source.as_uri())
        try:
            subprocess.run([browser, *_WORDS, *own], check=True, capture_output=True, timeout=_SECONDS)  # noqa: S603
            return _dated(target.read_bytes(), as_of)
        except (OSError, subprocess.SubprocessError) as error:
            raise OutsideError(f"Chromium could not print the report: {type(error).__name__}") from error


def _browser() -> str | None:
    return next((path for path in map(shutil.which, _NAMES) if path), None)


def _dated(content: bytes, as_of: datetime) -> bytes:
    """The moments of printing replaced by the report's, in the same number of bytes."""

    def own(found: re.Match[bytes]) -> bytes:
        moment = f"(D:{as_of.astimezone(UTC):%Y%m%d%H%M%S}".encode()
        return moment + (b"Z)" if found[1] == b"Z" else b"+00'00')")

    return _MOMENT.sub(own, content)
