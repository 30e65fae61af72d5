"""Settings of one installation, from the environment (CALLOUT_…); read here and nowhere else."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

PROJECT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """Where this installation keeps its things. Every field has an environment variable: CALLOUT_HOME and so on."""

    model_config = SettingsConfigDict(env_prefix="CALLOUT_", extra="ignore")

    home: Path = Field(default=PROJECT / ".callout", description="Folder for the database, files, reports and secrets.")
    office: Path = Field(default=PROJECT / "deployments" / "office", description="The office folder.")
    database_url: str = Field(default="", description="SQLAlchemy address; empty: callout.db in the home.")
    prefect_port: int = Field(default=4200, ge=1, le=65535, description="Port of the Prefect server on loopback.")

    door_port: int = Field(default=8420, ge=1, le=65535, description="Port of the door (pages, links, web forms).")
    door_host: str = Field(
        default="127.0.0.1", description="Address the door listens at; a TLS proxy on this machine stands before it."
    )

    @property
    def store_url(self) -> str:
        """The database address in force."""
        return self.database_url or f"sqlite:///{self.home.resolve() / 'callout.db'}"

    @property
    def files(self) -> Path:
        """Attachments by content."""
        return self.home / "files"

    @property
    def reports(self) -> Path:
        """Written reports and Data Docs."""
        return self.home / "reports"


def read_settings() -> Settings:
    """The settings in force now."""
    return Settings()
