"""Files that are no settings: each is refused in words, none is waited for."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from config.document import ConfigError
from config.settings import Settings, load

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "text",
    ["exporter: &a\n  <<: *a\n", '!!bool "x": 1\n', "? [a, b]\n: 1\n", "- 1\n", "[" * 5000],
    ids=["itself", "no bool", "a list as key", "a list", "nested"],
)
def test_yaml_that_breaks_its_reader_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "rightsizer.yml"
    file.write_text(text, "utf-8")

    with pytest.raises(ConfigError):
        load(file)


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "rightsizer.yml")

    with pytest.raises(ConfigError, match="a file of at most 4 MiB"):
        load(tmp_path / "rightsizer.yml")


@pytest.mark.parametrize("name", ["n%20w", "sp #?x", "a\\b", "a\nb"])
def test_a_data_folder_that_no_url_can_hold_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="a path without"):
        Settings(data_dir=tmp_path / name)
