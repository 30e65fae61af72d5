"""Tables and pages for people in the Prefect UI. They are shown, not kept: a server that takes none stops nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import httpx
from prefect import get_run_logger
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.context import FlowRunContext
from prefect.exceptions import PrefectException


def publish_table(key: str, rows: Sequence[Mapping[str, Any]], description: str) -> None:
    """Show the rows as the artifact `key`, where a flow runs."""
    table = [dict(row) for row in rows]
    _publish(key, lambda: create_table_artifact(table=table, key=key, description=description))


def publish_page(key: str, markdown: str, description: str) -> None:
    """Show the text as the artifact `key`, where a flow runs."""
    _publish(key, lambda: create_markdown_artifact(markdown, key=key, description=description))


def _publish(key: str, create: Callable[[], object]) -> None:
    if FlowRunContext.get() is None:
        return
    try:
        create()
    except (httpx.HTTPError, PrefectException) as error:
        get_run_logger().warning("the artifact %s was not published: %s", key, type(error).__name__)
