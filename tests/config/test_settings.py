"""The settings: which file counts, what is refused, and that every key is documented."""

from __future__ import annotations

import os
import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from ruamel.yaml import YAML

import config.settings
from config.document import ConfigError
from config.policy import Policy
from config.settings import Settings, load, settings_file
from config.wording import places

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLE = Path(config.settings.__file__).parent / "rightsizer.example.yml"
DOCUMENTED = Path(__file__).parents[2] / "docs/settings.md"
INSTEAD = {"database.url_file"}  # cannot stand beside database.url: shown in a sentence


def uncommented(text: str) -> str:
    """The example with every key switched on: `#key` is a key, `# text` is text."""
    return re.sub(r"(?m)^( *)#(?=[^ #\n])", r"\1", text)


def keys(node: Any, place: str = "") -> Iterator[str]:
    """Every key of a tree, with those above it."""
    for child in node if isinstance(node, list) else ():
        yield from keys(child, place)
    for key, child in node.items() if isinstance(node, dict) else ():
        yield f"{place}{key}"
        yield from keys(child, f"{place}{key}.")


def known(model: type[Any]) -> set[str]:
    return {".".join(place) for place in places(model.model_json_schema())}


def write(folder: Path, text: str) -> Path:
    path = folder / "rightsizer.yml"
    path.write_text(text)
    return path


def test_the_example_loads_as_it_is() -> None:
    loaded = load(EXAMPLE)

    assert [source.kind for source in loaded.sources] == ["host"]
    assert loaded.mail is None
    assert loaded.database_url() == "sqlite:////var/lib/rightsizer/register.db"


def test_what_the_example_sets_is_the_default_but_for_its_source() -> None:
    assert load(EXAMPLE).model_copy(update={"sources": []}) == Settings()


def test_the_example_loads_with_every_key_switched_on(tmp_path: Path) -> None:
    for name in ("exporter-password", "metrics-token", "mail-password", "exporter-key"):
        (tmp_path / name).write_text("word\n")

    loaded = load(write(tmp_path, uncommented(EXAMPLE.read_text())))

    assert [source.kind for source in loaded.sources] == ["host", "exporter", "prometheus"]
    assert loaded.mail is not None


def test_every_key_stands_in_the_example() -> None:
    text = EXAMPLE.read_text()
    shown = {key for key in keys(YAML(typ="safe").load(uncommented(text))) if "sources.machines." not in key}

    assert shown | INSTEAD == known(Settings)
    assert all(f"`{key.rpartition('.')[2]}: " in text for key in INSTEAD)


def test_every_key_of_the_example_is_explained() -> None:
    lines = EXAMPLE.read_text().splitlines()
    # A comment above the key, or above the first of the keys that stand in a row with it.
    silent = [
        line
        for line, above in zip(lines[1:], lines, strict=False)
        if re.match(r" *#?[a-z_]+:", line) and not above.strip()
    ]

    assert [line for line in silent if not line.endswith(":")] == []


def rows() -> dict[str, str]:
    """Documented key -> its default, as the tables of docs/settings.md say; RULE stands for each rule."""
    table = re.findall(
        r"(?m)^\| `([a-zA-Z_.]+)` \| [^|]+ \| ([^|]+) \| [^|]+ \| .+ \|$", DOCUMENTED.read_text()
    )
    found: dict[str, str] = {}
    for key, default in table:
        for rule in ("shrink", "expand", "idle") if "RULE" in key else ("",):
            found[key.replace("RULE", rule)] = default.strip().strip("`")
    return found


def test_every_key_is_documented_and_no_other() -> None:
    leaves = {key for model in (Settings, Policy) for key in leaf_places(model)}

    assert set(rows()) == leaves


def leaf_places(model: type[Any]) -> set[str]:
    every = known(model)
    return {key for key in every if not any(other.startswith(f"{key}.") for other in every)}


def defaults(schema: dict[str, Any], place: str, root: dict[str, Any]) -> Iterator[Any]:
    """The defaults that a JSON schema has at a place, "required" where there is none."""
    if "$ref" in schema:
        schema = {**root["$defs"][schema["$ref"].rsplit("/", 1)[-1]], **schema}
    for branch in [*schema.get("anyOf", ()), *schema.get("oneOf", ()), schema.get("items")]:
        if branch:
            yield from defaults(branch, place, root)
    head, _, rest = place.partition(".")
    below = schema.get("properties", {}).get(head)
    if below is not None and rest:
        yield from defaults(below, rest, root)
    elif below is not None:
        yield below.get("default", "*required*")


@pytest.mark.parametrize("model", [Settings, Policy], ids=["settings", "policy"])
def test_the_documented_defaults_are_the_real_ones(model: type[Any]) -> None:
    schema = model.model_json_schema(mode="serialization")
    for place in leaf_places(model):
        said = rows()[place]
        real = {written(value) for value in defaults(schema, place, schema)}

        assert {plain(part) for part in re.findall(r"`([^`]+)`", f"`{said}`")} >= real or said in real, place


def written(value: Any) -> str:
    """A default as the documentation writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if value is None or value in ("", [], {}):
        return "none"
    if isinstance(value, float):
        return f"{value:g}"
    return plain(str(value))


def plain(text: str) -> str:
    """A duration in seconds: the schema says 300s, the documentation 5m."""
    match = re.fullmatch(r"(\d+)([smhd])", text)
    units = {"s": 1, "m": 60, "h": 3600, "d": 86400}
    return f"{int(match[1]) * units[match[2]]}s" if match else text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("timezone: Mars/Olympus", "1:1: timezone: a time zone of the IANA database"),
        ("timezone: ../../etc/passwd", "1:1: timezone: a time zone of the IANA database"),
        (
            "collection: {interval: 7m}",
            "1:1: collection: an interval from 5s to 30m, in whole seconds, that divides half an hour",
        ),
        ("collection: {interval: 4s}", "1:1: collection: an interval from 5s to 30m"),
        ("retention: {days: 92}", "1:13: retention.days: a number of at least 93 (read 92)"),
        ("collection: {interval: 5.625s}", "1:1: collection: an interval from 5s to 30m, in whole seconds"),
        ("retention: {samples: 401}", "1:1: retention: samples of at most days; read 401 and 400"),
        (
            "sources: [{kind: prometheus, name: p, url: 'http://h', step: 5.625s}]",
            "1:56: sources.0.step: a step from 5s to 30m, in whole seconds",
        ),
        (
            "sources: [{kind: host, name: a, machine: m, timeout: 5s}]",
            "1:45: sources.0.timeout: unknown key",
        ),
        ("sources: [{kind: host, name: a, machine: m, tls: {}}]", "1:45: sources.0.tls: unknown key"),
        (
            "sources: [{kind: host, name: a, machine: m, auth: {username: u}}]",
            "1:45: sources.0.auth: unknown key",
        ),
        ("retention: {samples: 1}", "1:13: retention.samples: a number of at least 2 (read 1)"),
        (
            "mail: {host: mx, security: none, sender: a@b}",
            "1:1: mail: security: starttls or tls, unless the server is on this",
        ),
        ("mail: {host: mx, username: u, sender: a@b}", "1:1: mail: username and password_file together"),
        (
            'sources: [{kind: host, name: h, machine: "a\\e[31m"}]',
            "1:33: sources.0.machine: a name without control characters",
        ),
        (
            "sources: [{kind: exporter, name: e, targets: [{machine: m, url: 'http://h:99999/'}]}]",
            "1:60: sources.0.targets.0.url: a URL whose port is a number up to 65535",
        ),
        ("mail: {host: mx, port: 0, sender: a@b}", "1:18: mail.port: a number of at least 1 (read 0)"),
        (
            "mail: {host: mx, timeout: 0, sender: a@b}",
            "1:18: mail.timeout: a duration of at least 1s (read 0)",
        ),
        ("database: {url: 'mysql://h/r'}", "1:1: database: a URL such as postgresql://"),
        ("database: {url: 'sqlite:///relative.db'}", "1:1: database: a URL such as postgresql://"),
        ("database: {url: 'sqlite://'}", "1:1: database: a URL such as postgresql://"),
        (
            "exporter: {listen: a..b}",
            "1:12: exporter.listen: an IP address such as 192.0.2.5 or ::1, or a host",
        ),
        ("exporter: {listen: '999.1.1.1'}", "1:12: exporter.listen: an IP address such as 192.0.2.5 or ::1"),
        ("exporter: {listen: 'a:9813'}", "1:12: exporter.listen: an IP address such as 192.0.2.5 or ::1"),
        ("policy: {combine: any}", "1:10: policy.combine: one of all, each (read 'any')"),
        (
            "sources: [{kind: host, name: a, machine: m}, {kind: host, name: a, machine: n}]",
            "1:1: sources with different names; a stands twice",
        ),
    ],
)
def test_what_cannot_work_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = write(tmp_path, text)

    with pytest.raises(ConfigError) as caught:
        load(path)
    assert str(caught.value).startswith(f"{path}:{said}")


@pytest.mark.parametrize("listen", ["192.0.2.5", "::", "fe80::1%eth0", "localhost", "node-1.example"])
def test_the_page_is_served_on_an_address_or_a_name(tmp_path: Path, listen: str) -> None:
    assert load(write(tmp_path, f"exporter: {{listen: '{listen}'}}")).exporter.listen == listen


def test_a_server_on_this_machine_may_do_without_encryption(tmp_path: Path) -> None:
    loaded = load(write(tmp_path, "mail: {host: localhost, port: 25, security: none, sender: a@b}"))

    assert loaded.mail is not None
    assert loaded.mail.timeout == timedelta(seconds=30)


def test_paths_are_looked_for_beside_the_file_wherever_the_program_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "data_dir: data\npolicy: {file: own.yml}\n")
    monkeypatch.chdir(tmp_path)

    loaded = load(Path("rightsizer.yml"))

    assert loaded.data_dir == tmp_path / "data"
    assert loaded.policy.file == tmp_path / "own.yml"
    assert loaded.database_url() == f"sqlite:///{tmp_path}/data/register.db"


def test_the_nearest_settings_file_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named, environment, home = (
        tmp_path / name for name in ("a.yml", "b.yml", "xdg/rightsizer/rightsizer.yml")
    )
    for path in (named, environment, home):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("RIGHTSIZER_CONFIG", str(environment))

    assert settings_file(named) == named
    assert settings_file(None) == environment
    monkeypatch.delenv("RIGHTSIZER_CONFIG")
    assert settings_file(None) == home


@pytest.mark.parametrize("how", ["option", "environment"])
def test_a_named_file_that_is_missing_is_not_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    gone = tmp_path / "gone.yml"
    monkeypatch.setenv("RIGHTSIZER_CONFIG", str(gone) if how == "environment" else "")

    with pytest.raises(FileNotFoundError, match=r"gone\.yml"):
        settings_file(gone if how == "option" else None)


def test_a_user_without_a_home_gets_the_system_file(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "XDG_CONFIG_HOME", "RIGHTSIZER_CONFIG"):
        monkeypatch.delenv(name, raising=False)

    assert settings_file(None) in {None, Path("/etc/rightsizer/rightsizer.yml"), home_file()}


def home_file() -> Path:
    return Path(os.path.expanduser("~/.config/rightsizer/rightsizer.yml"))  # noqa: PTH111
