"""A secret may lie in a Prefect Secret block; the environment and a file come first."""

from __future__ import annotations

from pathlib import Path

import pytest
from prefect.blocks.system import Secret

from tasks.gateways.secrets_source import SecretSource
from tasks.prefect_secrets import read_secret_block
from tasks.rules.errors import CredentialError


@pytest.mark.usefixtures("prefect_server")
async def test_a_block_is_the_third_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await Secret(value="from-block").save("box-password", overwrite=True)
    source = SecretSource(tmp_path, read_secret_block)
    assert source.read("box_password") == "from-block"
    (tmp_path / "box_password").write_text("from-file\n", encoding="utf-8")
    assert source.read("box_password") == "from-file"
    monkeypatch.setenv("CALLOUT_SECRET_BOX_PASSWORD", "from-environment")
    assert source.read("box_password") == "from-environment"


@pytest.mark.usefixtures("prefect_server")
def test_a_secret_that_is_nowhere_names_the_three_places(tmp_path: Path) -> None:
    with pytest.raises(CredentialError, match=r"CALLOUT_SECRET_NOWHERE, a file .*nowhere, or a Prefect Secret block"):
        SecretSource(tmp_path, read_secret_block).read("nowhere")
