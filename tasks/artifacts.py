"""Tables for people in the Prefect UI."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import httpx
from prefect import get_run_logger
from prefect.artifacts import create_table_artifact
from prefect.context import FlowRunContext
from prefect.exceptions import PrefectException


def publish_table(key: str, rows: Sequence[Mapping[str, Any]], description: str) -> None:
    """Show the rows as the artifact `key`, where a flow runs; a server that does not take them stops nothing."""
    if FlowRunContext.get() is None:
        return
    try:
        create_table_artifact(table=[dict(row) for row in rows], key=key, description=description)
    except (httpx.HTTPError, PrefectException) as error:
        get_run_logger().warning("the artifact %s was not published: %s", key, type(error).__name__)
