"""Secrets come from files, never from settings, arguments or the environment."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, SecretStr, ValidationInfo

CREDENTIALS = "CREDENTIALS_DIRECTORY"


def beside(path: Path, info: ValidationInfo) -> Path:
    folder = (info.context or {}).get("folder")
    return folder / path if folder is not None and not path.is_absolute() else path


def credential(path: Path, info: ValidationInfo) -> Path:
    """A bare name is looked up in $CREDENTIALS_DIRECTORY first (systemd's LoadCredential)."""
    folder = os.environ.get(CREDENTIALS)
    if folder and path.name == str(path) and (Path(folder) / path).is_file():
        return Path(folder) / path
    found = beside(path, info)
    if not found.is_file():
        where = f" or in ${CREDENTIALS}" if path.name == str(path) else ""
        raise ValueError(f"a readable file; nothing lies at {found}{where}")
    return found


near_document = AfterValidator(beside)
Secret = Annotated[Path, AfterValidator(credential)]


def secret_in(path: Path | None) -> SecretStr:
    """The secret in `path`, without the newline at its end. Raises OSError, ValueError when it is empty."""
    text = path.read_text("utf-8").rstrip("\r\n") if path else ""
    if not text:
        raise ValueError(f"{path}: a file that holds the secret; it is empty")
    return SecretStr(text)
