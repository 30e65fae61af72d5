"""The bytes of an office folder, the environment variables they name, and the digest of both."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

from tasks.gateways.strict_yaml import VARIABLE
from tasks.rules.errors import OfficeError


def read_contents(folder: Path) -> dict[str, bytes]:
    """Every file below the folder by its name with forward slashes; hidden ones and editors' copies are left out."""
    if not folder.is_dir():
        raise OfficeError([f"{folder}: there is no such office folder; make one with: ./callout init DIR"])
    try:
        found = {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file() and not _is_passed_over(path.relative_to(folder))
        }
    except OSError as error:
        raise OfficeError([f"{error.filename or folder}: cannot be read: {error.strerror}"]) from error
    return found


def _is_passed_over(path: Path) -> bool:
    is_hidden = any(part.startswith((".", "~", "__")) for part in path.parts)
    return is_hidden or path.name.endswith(("~", ".bak", ".swp", ".orig"))


def named_variables(contents: Mapping[str, bytes]) -> dict[str, str]:
    """The environment variables that the YAML files name, as they are now."""
    names = {
        match[1]
        for name, content in contents.items()
        if name.endswith(".yaml")
        for match in VARIABLE.finditer(content.decode("utf-8", "replace"))
    }
    return {name: os.environ[name] for name in sorted(names) if name in os.environ}


def digest_of(contents: Mapping[str, bytes], variables: Mapping[str, str]) -> str:
    """What the folder is known by: its files and the values of the variables."""
    digest = hashlib.sha256()
    for name, content in sorted(contents.items()):
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    for name, value in sorted(variables.items()):
        digest.update(f"\0{name}={value}".encode())
    return digest.hexdigest()
