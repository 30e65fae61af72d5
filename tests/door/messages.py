"""Every sentence of the door's pages and routes, as the catalogues must have it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract_from_dir, extract_python

from deployments.door.rendering import FOLDER


def messages() -> Iterator[str | tuple[str, ...]]:
    """The sentences, those with a plural as (singular, plural)."""
    options = {"**.j2": {"newstyle_gettext": "true", "trimmed": "false", "extensions": "jinja2.ext.i18n"}}
    found = extract_from_dir(FOLDER / "templates", [("**.j2", "jinja2")], options)
    yield from (message for _, _, message, _, _ in found)
    for file in sorted(FOLDER.rglob("*.py")):
        yield from _of_python(file)


def _of_python(file: Path) -> Iterator[str]:
    with file.open("rb") as source:
        for _, name, message, _ in extract_python(source, ["say", "gettext"], [], {}):
            texts = message if isinstance(message, tuple) else (message,)
            text = texts[1] if name == "say" and len(texts) > 1 else texts[0]
            if text:
                yield text
