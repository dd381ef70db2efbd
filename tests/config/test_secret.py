"""A secret comes from a file and shows up nowhere else."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING

import pytest

from config.document import ConfigError
from config.secret import CREDENTIALS, SecretError, secret_in
from config.settings import Settings, load

if TYPE_CHECKING:
    from pathlib import Path

WORD = "correct-horse"
MAIL = "mail:\n  host: mx.example\n  sender: a@b\n  username: u\n  password_file: {file}\n"


def settings_with(folder: Path, text: str) -> Settings:
    path = folder / "rightsizer.yml"
    path.write_text(text)
    return load(path)


def password(settings: Settings) -> str:
    assert settings.mail is not None
    found = settings.mail.password()
    assert found is not None
    return found.get_secret_value()


def test_a_secret_is_read_beside_the_document(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets/mail").write_text(f"{WORD}\n")

    assert password(settings_with(tmp_path, MAIL.format(file="secrets/mail"))) == WORD


def test_an_absolute_path_is_taken_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text(WORD)
    (tmp_path / "etc").mkdir()

    assert password(settings_with(tmp_path / "etc", MAIL.format(file=tmp_path / "elsewhere"))) == WORD


@pytest.mark.parametrize(
    ("file", "expected"),
    [("mail", "from systemd"), ("./mail", "from systemd"), ("sub/mail", "in sub"), ("near", "beside")],
)
def test_a_bare_name_is_a_credential_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, expected: str
) -> None:
    for name, text in {
        "credentials/mail": "from systemd",
        "mail": "beside",
        "sub/mail": "in sub",
        "near": "beside",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setenv(CREDENTIALS, str(tmp_path / "credentials"))

    assert password(settings_with(tmp_path, MAIL.format(file=file))) == expected


def test_the_environment_itself_holds_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("password_file", WORD)
    monkeypatch.setenv("MAIL_PASSWORD", WORD)

    with pytest.raises(ConfigError, match="none can be read"):
        settings_with(tmp_path, MAIL.format(file="mail"))


@pytest.mark.parametrize(
    "text",
    [
        MAIL.format(file=WORD),
        MAIL.format(file=f"/{WORD}"),
        MAIL.format(file=WORD * 100),  # too long for a file's name
        MAIL.format(file=f"[{WORD}]"),
        MAIL.format(file=f"x\n  password_file: {WORD}"),
        MAIL.format(file=f'"{WORD}'),
        f"mail: {{host: h, password: {WORD}, sender: a@b}}",
        f"mail: {{host: h, username: u, password_file: {WORD}, sender: a@b, port: many}}",
        f"database:\n  url: postgresql://u:{WORD}@db.example/r\n",
        f"database:\n  url: postgresql://db.example/r?user=u&password={WORD}\n",
        f"database:\n  url: mysql://u:{WORD}@db.example/r\n",
        f"database:\n  url_file: postgresql://u:{WORD}@db.example/r\n",
        f"sources: [{{kind: prometheus, name: p, url: 'ftp://u:{WORD}@h', auth: {{bearer_file: {WORD}}}}}]",
        f"sources: [{{kind: prometheus, name: p, url: 'http://host', auth: {{bearer_file: {WORD}}}}}]",
    ],
)
def test_a_secret_written_in_the_wrong_place_is_not_repeated(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        settings_with(tmp_path, text)

    assert WORD not in str(caught.value)
    assert WORD not in "".join(traceback.format_exception(caught.value))


def test_a_secret_too_long_for_a_name_is_not_repeated_beside_credentials(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CREDENTIALS, str(tmp_path))

    with pytest.raises(ConfigError, match="none can be read") as caught:
        settings_with(tmp_path, MAIL.format(file=WORD * 100))

    assert WORD not in "".join(traceback.format_exception(caught.value))


def test_settings_that_are_shown_show_no_secret(tmp_path: Path) -> None:
    for name, text in {"mail": WORD, "token": WORD, "url": f"postgresql://u:{WORD}@h/r"}.items():
        (tmp_path / name).write_text(text)
    settings = settings_with(
        tmp_path,
        MAIL.format(file="mail")
        + "database: {url_file: url}\n"
        + "sources: [{kind: prometheus, name: p, url: 'http://host', auth: {bearer_file: token}}]\n",
    )

    assert WORD not in repr(settings) + str(settings) + settings.model_dump_json()
    assert settings.mail is not None
    assert WORD not in repr(settings.mail.password())
    assert settings.database_url() == f"postgresql://u:{WORD}@h/r"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"word", "word"),
        (b"word\n", "word"),
        (b"word\r\n", "word"),
        (b" wo rd \n", " wo rd "),
        ("密码\n".encode(), "密码"),
        (b"\xef\xbb\xbfword\n", "word"),
    ],
    ids=["bare", "newline", "windows", "spaces belong to it", "chinese", "byte order mark"],
)
def test_a_secret_is_the_one_line_of_its_file(tmp_path: Path, content: bytes, expected: str) -> None:
    path = tmp_path / "secret"
    path.write_bytes(content)

    assert secret_in(path).get_secret_value() == expected


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", f"{WORD}\nsecond\n".encode(), b"\xff\xfe" + WORD.encode(), b"\0" + WORD.encode()],
    ids=["empty", "only a newline", "two lines", "binary", "nul"],
)
def test_a_file_without_one_line_of_text_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "secret"
    path.write_bytes(content)

    with pytest.raises(SecretError, match="is expected") as caught:
        secret_in(path)
    assert str(path) in str(caught.value)
    assert WORD not in str(caught.value)


def test_no_file_named_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        secret_in(tmp_path / "gone")
    with pytest.raises(ValueError, match="is expected"):
        secret_in(None)
