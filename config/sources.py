"""Settings of the sources of measurements: exporters, Prometheus-compatible servers, this host."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, model_validator

from config.document import Document, Duration, Positive
from config.queries import PRESETS, RESOURCES
from config.secret import Secret, near_document, secret_in


def http_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("a URL that starts with http:// or https://")
    try:
        _ = parts.port
    except ValueError as error:
        raise ValueError("a URL whose port is a number up to 65535") from error
    if parts.password is not None:
        raise ValueError("a URL without a password: auth: {username, password_file} holds it")
    return value


def network(value: str) -> str:
    try:
        ip_network(value)
    except ValueError as error:
        raise ValueError("a network such as 10.20.0.0/16 or a single address") from error
    return value


def printable(value: str) -> str:
    if any(unicodedata.category(character) in {"Cc", "Cf", "Cs"} for character in value):
        raise ValueError("a name without control characters")
    return value


MachineName = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(printable)]
Url = Annotated[str, AfterValidator(http_url)]
FilePath = Annotated[Path, near_document]


class Tls(Document):
    """How a server's certificate is checked. `verify: false` is for a laboratory."""

    verify: bool = True
    ca_file: FilePath | None = None


class Auth(Document):
    """Basic auth (username + password_file) or a bearer token (bearer_file). Files hold the secret alone."""

    username: str | None = None
    password_file: Secret | None = None
    bearer_file: Secret | None = None

    @model_validator(mode="after")
    def one_way(self) -> Auth:
        basic = self.username is not None and self.password_file is not None
        if basic == (self.bearer_file is not None) or (self.username is None) != (self.password_file is None):
            raise ValueError("either username and password_file, or bearer_file alone")
        return self

    def password(self) -> SecretStr:
        return secret_in(self.password_file)

    def bearer(self) -> SecretStr:
        return secret_in(self.bearer_file)


class Target(Document):
    machine: MachineName
    url: Url


class Inventory(Document):
    """Scrape every machine of the inventory that has an address."""

    scheme: Literal["http", "https"] = "http"
    port: Annotated[int, Field(ge=1, le=65535)] = 9100
    path: str = "/metrics"


def lasting(value: timedelta) -> timedelta:
    if value <= timedelta():
        raise ValueError("a duration above zero, such as 10s")
    return value


class Named(Document):
    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=60)]


class Source(Named):
    """One that is asked over the network."""

    tls: Tls = Tls()
    auth: Auth | None = None
    timeout: Annotated[Duration, AfterValidator(lasting)] = timedelta(seconds=10)


class ExporterSource(Source):
    """node_exporter and windows_exporter pages, scraped one by one."""

    kind: Literal["exporter"]
    targets: list[Target] = []
    inventory: Inventory | None = None
    collect: list[str] = []
    concurrency: Annotated[int, Field(ge=1, le=1000)] = 64
    body_limit: Annotated[int, Field(ge=1 << 16, le=1 << 28)] = 8 << 20
    networks: list[Annotated[str, AfterValidator(network)]] = []

    @model_validator(mode="after")
    def somebody_to_scrape(self) -> ExporterSource:
        names = [target.machine for target in self.targets]
        twice = (
            sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
        )
        if twice:
            raise ValueError(f"every machine once; {twice[0]} is listed twice")
        if not self.targets and self.inventory is None:
            raise ValueError("targets, or inventory: {port: 9100} to scrape the machines of the inventory")
        return self


class Queries(Document):
    """PromQL a resource, each returning one series per machine; percent 0..100, bytes, bytes/s, count."""

    cpu: str | None = None
    memory: str | None = None
    disk: str | None = None
    network: str | None = None
    vcpus: str | None = None
    memory_bytes: str | None = None
    disk_bytes: str | None = None

    @model_validator(mode="after")
    def something_asked(self) -> Queries:
        if not any(getattr(self, name) for name in RESOURCES):
            raise ValueError("at least one query")
        return self


def pattern_with_group(value: str) -> str:
    try:
        groups = re.compile(value).groups
    except re.error as error:
        raise ValueError(f"a regular expression ({error})") from error
    if groups < 1:
        raise ValueError("a regular expression with the machine's name in its first group: (...)")
    return value


def label_matchers(value: str) -> str:
    """`job="node",env="prod"`, with or without the braces."""
    inner = value.strip().removeprefix("{").removesuffix("}").strip().rstrip(",")
    if inner and re.match(r'^[a-zA-Z_]\w*\s*(=|!=|=~|!~)\s*["\'].*["\']$', inner, re.ASCII) is None:
        raise ValueError('label matchers such as job="node",env="prod"')
    return inner


def dividing_step(value: timedelta) -> timedelta:
    seconds = value.total_seconds()
    if seconds % 1 or seconds < 5 or seconds > 1800 or 1800 % seconds:
        raise ValueError("a step from 5s to 30m, in whole seconds, that divides half an hour")
    return value


class PrometheusSource(Source):
    """Prometheus, Thanos, Mimir or VictoriaMetrics by the HTTP API.

    `scrape_interval`: how often the server scrapes; a rate needs two scrapes in its window.
    `delay`: how old a sample must be before it is asked for, so that late writers have written it.
    `max_points`: points of one series in one answer; Prometheus refuses more than 11,000.
    `max_series`: more than these in one answer are refused as a mistake in `selector`.
    """

    kind: Literal["prometheus"]
    url: Url
    timeout: Annotated[Duration, AfterValidator(lasting)] = timedelta(seconds=60)
    preset: Literal["node_exporter", "windows_exporter", "libvirt", "percent"] = "node_exporter"
    queries: Queries | None = None
    machine_label: Annotated[str, Field(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]*$")] = "instance"
    machine_pattern: Annotated[str, AfterValidator(pattern_with_group)] = r"^(?:https?://)?(.+?)(?::\d+)?$"
    machines: dict[str, str] = {}
    selector: Annotated[str, AfterValidator(label_matchers)] = ""
    step: Annotated[Duration, AfterValidator(dividing_step)] | None = None
    scrape_interval: Positive = timedelta(seconds=60)
    delay: Duration = timedelta(seconds=60)
    history: Positive = timedelta(days=40)
    max_points: Annotated[int, Field(ge=10, le=11_000)] = 10_000
    max_series: Annotated[int, Field(ge=1, le=1_000_000)] = 50_000

    @model_validator(mode="before")
    @classmethod
    def named_by_domain(cls, data: object) -> object:
        """A hypervisor's page speaks of many machines: `instance` is the hypervisor, `domain` the machine."""
        if isinstance(data, Mapping) and data.get("preset") == "libvirt":
            return {"machine_label": "domain", **data}
        return data

    @model_validator(mode="after")
    def something_to_ask(self) -> PrometheusSource:
        if not self.promql():
            raise ValueError("queries: the preset percent asks nothing by itself")
        return self

    def promql(self) -> dict[str, str]:
        """Resource -> PromQL with `$selector` and `$window` still in it; own queries replace the preset's."""
        own = self.queries.model_dump(exclude_none=True) if self.queries else {}
        return {**PRESETS[self.preset], **own}


class HostSource(Named):
    """The machine that rightsizer runs on."""

    kind: Literal["host"]
    machine: MachineName


AnySource = Annotated[ExporterSource | PrometheusSource | HostSource, Field(discriminator="kind")]
