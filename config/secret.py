"""Secrets come from files, never from settings, arguments or the environment."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, SecretStr, ValidationInfo

CREDENTIALS = "CREDENTIALS_DIRECTORY"
OF_SERVICE = Path("/run/credentials/rightsizer.service")  # what systemd gave to the daemon that runs


class SecretError(ValueError):
    """A file does not hold one secret; what it holds is not repeated."""


def beside(path: Path, info: ValidationInfo) -> Path:
    folder = (info.context or {}).get("folder")
    return folder / path if folder is not None and not path.is_absolute() else path


def credential(path: Path, info: ValidationInfo) -> Path:
    """A bare name is looked up in $CREDENTIALS_DIRECTORY first (systemd's LoadCredential), and last among
    what the running service was given: commands of its user share its secrets.

    What is not found is not repeated: it may be the secret itself, written where its file belongs.
    """
    folder = os.environ.get(CREDENTIALS)
    bare = path.name == str(path)
    if folder and bare and is_file(Path(folder) / path):
        return Path(folder) / path
    found = beside(path, info)
    if bare and not is_file(found) and is_file(OF_SERVICE / path):
        return OF_SERVICE / path
    if not is_file(found):
        near = (info.context or {}).get("folder", "")
        places = [f"in ${CREDENTIALS}"] * bare + [f"beside the document ({near})"] * (not path.is_absolute())
        places += ["among what the service has while it runs"] * bare
        where = " or ".join(places) or "at this path"
        raise ValueError(f"a file that holds the secret; none can be read {where}")
    return found


def is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name too long, a folder that may not be searched
        return False


near_document = AfterValidator(beside)
Secret = Annotated[Path, AfterValidator(credential)]


def secret_in(path: Path | None) -> SecretStr:
    """The one line in `path`. Raises OSError, and SecretError when it holds none or several."""
    try:
        text = path.read_text("utf-8-sig").rstrip("\r\n") if path else ""
    except UnicodeDecodeError:
        raise SecretError(f"{path}: one line of text in UTF-8 is expected; it is a binary file") from None
    if not text or "\n" in text or "\0" in text:
        raise SecretError(f"{path}: one line that is the secret is expected; it has {len(text.splitlines())}")
    return SecretStr(text)
