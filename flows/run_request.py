"""What a person or schedule may say when a flow is started; the Prefect UI shows these as forms."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator


def _moment_last(schema: dict[str, Any]) -> None:
    """People fill a form in from its top: what hardly anybody needs stands at its end."""
    fields = schema["properties"]
    fields["as_of"] = fields.pop("as_of")


class RunRequest(BaseModel):
    """The moment a run is about. Every flow's form has it, as its last field; it makes any run repeatable."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra=_moment_last)

    as_of: str = Field(
        default="",
        title="As of",
        description="ISO 8601 time with zone, e.g. 2026-11-17T09:30:00+03:00; empty means now. "
        "The run sees the office as it was then / На какой момент, пусто: сейчас.",
    )

    @field_validator("as_of")
    @classmethod
    def _is_a_moment(cls, value: str) -> str:
        if value and datetime.fromisoformat(value).tzinfo is None:
            raise ValueError("give the time with its zone, e.g. 2026-11-17T09:30:00+03:00")
        return value

    @property
    def when(self) -> str:
        """The moment in words, for the run's name."""
        return self.as_of or "now"

    def moment(self) -> datetime:
        """The aware UTC time this run is about."""
        return datetime.fromisoformat(self.as_of).astimezone(UTC) if self.as_of else datetime.now(UTC)
