"""The settings of one installation: rightsizer.yml. Every key is explained in rightsizer.example.yml."""

from __future__ import annotations

import os
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, SecretStr, model_validator

from config.addresses import is_address, is_host
from config.document import Document, Duration, Positive, read
from config.people import Line, Person
from config.secret import Secret, is_file, near_document, secret_in
from config.sources import AnySource, FilePath, Tls

PLACES = ("$XDG_CONFIG_HOME/rightsizer/rightsizer.yml", "/etc/rightsizer/rightsizer.yml")


def known_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("a time zone of the IANA database such as Asia/Shanghai") from error
    return value


class Database(Document):
    """The register: SQLite in data_dir unless a URL (or a file that holds it, with its password) is given."""

    url: str | None = None
    url_file: Secret | None = None

    @model_validator(mode="after")
    def one_of(self) -> Database:
        if self.url is not None and self.url_file is not None:
            raise ValueError("url or url_file, not both")
        if self.url is not None:
            check_url(self.url)
        return self


def check_url(url: str) -> None:
    """Raises ValueError, without the URL in it: it may hold a password."""
    if not url.startswith(("sqlite:////", "postgresql://", "postgresql+psycopg://")):
        raise ValueError("a URL such as postgresql://user@host/rightsizer or sqlite:////path/register.db")
    if ":" in url.partition("://")[2].partition("/")[0].rpartition("@")[0] or "password=" in url:
        raise ValueError("a URL without a password; the URL with its password belongs into url_file")


class Collection(Document):
    interval: Duration = timedelta(minutes=5)

    @model_validator(mode="after")
    def whole_day(self) -> Collection:
        seconds = self.interval.total_seconds()
        if seconds % 1 or seconds < 5 or seconds > 1800 or 1800 % seconds:
            raise ValueError("an interval from 5s to 30m, in whole seconds, that divides half an hour")
        return self


class PolicyChoice(Document):
    """`override_basis` and `allow_expired` count once notices are issued; no verdict hangs on them."""

    pack: str = "pddr-2020-0020001"
    file: FilePath | None = None
    combine: Literal["all", "each"] | None = None
    override_basis: str | None = None
    allow_expired: bool = False


class Retention(Document):
    """Days that samples, folded days, and the bodies of mails are kept."""

    samples: Annotated[int, Field(ge=2, le=4000)] = 40
    days: Annotated[int, Field(ge=93, le=4000)] = 400
    mails: Annotated[int, Field(ge=30, le=4000)] = 400

    @model_validator(mode="after")
    def days_outlive_samples(self) -> Retention:
        if self.samples > self.days:
            raise ValueError(f"samples of at most days; read {self.samples} and {self.days}")
        return self


Prefix = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[^\s〔〕]+$")]


def one_address(value: str) -> str:
    if not is_address(value):
        raise ValueError("a mail address such as office@example.gov.cn")
    return value


Addresses = list[Annotated[str, AfterValidator(one_address)]]


class Mail(Document):
    """The mail server. `timeout` is for one answer, `deadline` for a whole mail; `sender` stands in From.

    Undeliverable mails come back to `bounces` (its local part gets +TOKEN), and are read in `bounce_folder`:
    a Maildir, or a file or folder of messages.
    """

    host: str
    sender: Annotated[str, AfterValidator(one_address)]
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    tls: Tls = Tls()
    username: str | None = None
    password_file: Secret | None = None
    timeout: Positive = timedelta(seconds=30)
    deadline: Positive = timedelta(minutes=3)
    bounces: Annotated[str, AfterValidator(one_address)] | None = None
    bounce_folder: FilePath | None = None

    def password(self) -> SecretStr | None:
        return secret_in(self.password_file) if self.password_file else None

    @model_validator(mode="after")
    def safe(self) -> Mail:
        if self.security == "none" and self.host not in {"localhost", "127.0.0.1", "::1"}:
            raise ValueError("security: starttls or tls, unless the server is on this machine")
        if (self.username is None) != (self.password_file is None):
            raise ValueError("username and password_file together, or neither")
        return self


class Numbers(Document):
    """What the numbers of notices and budget lists begin with: 平数云核减 in 平数云核减〔2026〕12号."""

    shrink: Prefix = "平数云核减"
    expand: Prefix = "平数云扩容"
    idle: Prefix = "平数云核实"
    deploy: Prefix = "平数云部署"
    reminder: Prefix = "平数云提醒"
    overdue: Prefix = "平数云催办"
    withdrawal: Prefix = "平数云撤销"
    due: Prefix = "平数事提醒"
    late: Prefix = "平数事催办"
    budget: Prefix = "平数云预算"


class Notices(Document):
    """How findings become notices and are followed up. Days are calendar days unless named working."""

    review: Literal["manual", "auto"] = "manual"
    receipt: Literal["accepted", "acknowledged"] = "accepted"
    objection: Literal["stops", "runs"] = "stops"
    remind_before: Annotated[int, Field(ge=1, le=30)] = 3
    repeat_after: Annotated[int, Field(ge=1, le=60)] = 7
    escalate_after: Annotated[int, Field(ge=1, le=12)] = 3
    rejected_for: Annotated[int, Field(ge=1, le=400)] = 90
    from_hour: Annotated[int, Field(ge=0, le=23)] = 8
    to_hour: Annotated[int, Field(ge=1, le=24)] = 18
    max_share: Annotated[int, Field(ge=1, le=100)] = 20
    max_departments: Annotated[int, Field(ge=1, le=10000)] = 30
    numbers: Numbers = Numbers()
    supervisor: Addresses = []
    operator: Addresses = []

    @model_validator(mode="after")
    def hours_in_order(self) -> Notices:
        if self.from_hour >= self.to_hour:
            raise ValueError(f"from_hour before to_hour; read {self.from_hour} and {self.to_hour}")
        return self

    def in_hours(self, local: datetime) -> bool:
        """May the daemon write letters at this local time?"""
        return self.from_hour <= local.hour < self.to_hour


class Letters(Document):
    """Who writes, how letters look, and where the operator's own templates and fonts lie."""

    office: Line = "平度市大数据和电子政务发展促进中心"
    mark: Line | None = None
    contact: Line | None = None
    phone: Line | None = None
    address: Line | None = None
    copy_to: list[Line] = []
    supervisor: Line | None = None
    locale: Literal["zh_CN", "en"] = "zh_CN"
    fonts_dir: FilePath | None = None
    templates_dir: FilePath | None = None


def one_host(value: str) -> str:
    if not is_host(value):
        raise ValueError("an IP address such as 192.0.2.5 or ::1, or a host name")
    return value


class Exporter(Document):
    """The page for Prometheus, served on `listen`:`port`; `enabled: false` serves none.

    `refresh`: how old its figures may be. A request has `timeout`; more than `connections` are refused.
    `catalog_api`: the public catalog is served beside it, in the form of CKAN's action API.
    """

    enabled: bool = True
    listen: Annotated[str, AfterValidator(one_host)] = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 9813
    cert_file: FilePath | None = None
    key_file: Secret | None = None
    username: Line | None = None
    password_file: Secret | None = None
    refresh: Positive = timedelta(seconds=15)
    timeout: Positive = timedelta(seconds=5)
    connections: Annotated[int, Field(ge=16, le=2000)] = 400
    catalog_api: bool = False

    @model_validator(mode="after")
    def pairs(self) -> Exporter:
        if (self.cert_file is None) != (self.key_file is None):
            raise ValueError("cert_file and key_file together, or neither")
        if (self.username is None) != (self.password_file is None):
            raise ValueError("username and password_file together, or neither")
        return self


def plain_path(value: Path) -> Path:
    """URLs of databases and tables are made of it."""
    if re.search(r"[%#?\\\x00-\x1f\x7f]", str(value)):
        raise ValueError("a path without % # ? \\ and control characters")
    return value


class Settings(Document):
    data_dir: Annotated[Path, near_document, AfterValidator(plain_path)] = Path("/var/lib/rightsizer")
    timezone: Annotated[str, AfterValidator(known_zone)] = "Asia/Shanghai"
    database: Database = Database()
    collection: Collection = Collection()
    sources: list[AnySource] = []
    policy: PolicyChoice = PolicyChoice()
    retention: Retention = Retention()
    mail: Mail | None = None
    notices: Notices = Notices()
    letters: Letters = Letters()
    exporter: Exporter = Exporter()
    people: list[Person] = []

    @model_validator(mode="after")
    def names_differ(self) -> Settings:
        for what, names in (
            ("sources with different names", [source.name for source in self.sources]),
            ("people with different logins", [person.login for person in self.people]),
        ):
            twice = [name for name in names if names.count(name) > 1]
            if twice:
                raise ValueError(f"{what}; {twice[0]} stands twice")
        return self

    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def lake_dir(self) -> Path:
        return self.data_dir / "lake"

    def database_url(self) -> str:
        if self.database.url_file is not None:
            return secret_in(self.database.url_file).get_secret_value()
        return self.database.url or f"sqlite:///{self.data_dir / 'register.db'}"


def settings_file(option: Path | None) -> Path | None:
    """Which file counts: --config, $RIGHTSIZER_CONFIG, XDG, /etc. None when there is none. Raises
    FileNotFoundError.
    """
    named = option or (Path(value) if (value := os.environ.get("RIGHTSIZER_CONFIG")) else None)
    if named is not None:
        if not named.is_file():
            raise FileNotFoundError(f"no settings file at {named}")
        return named.absolute()
    return next((place for place in places() if is_file(place)), None)


def places() -> list[Path]:
    """Where a settings file is looked for that nobody named, the first that counts first."""
    home = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")  # noqa: PTH111 no home: no error
    return [Path(place.replace("$XDG_CONFIG_HOME", home)) for place in PLACES]


def load(path: Path | None) -> Settings:
    """Settings of `path`; without a file the defaults. Raises ConfigError, OSError."""
    if path is None:
        return Settings() if os.geteuid() == 0 else Settings(data_dir=own_data_dir())
    return read(path, Settings)


def own_data_dir() -> Path:
    """Where a user without settings keeps data: $XDG_DATA_HOME/rightsizer."""
    return Path(os.environ.get("XDG_DATA_HOME") or Path("~/.local/share").expanduser()) / "rightsizer"
