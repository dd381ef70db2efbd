"""The service on a machine: a real systemd installs, starts, watches, reloads, kills and stops the daemon."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from city import QUICK, SHOWN, history, letters_go_out, mails
from components import wait
from guest import BIN, SETTINGS, UNIT

if TYPE_CHECKING:
    from guest import Service

pytest_plugins = ["booting"]

INTRANET, PUBLIC = "172.20.0.1", "203.0.113.1"
MARGIN = 2**20  # bytes that the daemon may still take
MACHINES = 100  # whose past takes more than that


def test_installed_from_the_wheel_it_starts_is_ready_and_measures(running: Service) -> None:
    def measured(machine: str) -> bool:
        return (
            running.metric(f'rightsizer_machine_sample_timestamp_seconds{{machine="{machine}"}}') is not None
        )

    wait(lambda: measured("monitor-1") and measured("web-1"), "a sample of both machines", 30)

    assert running.shown("ActiveState") == "active"
    assert running.shown("StatusText") == "leads"
    assert running.page("/-/ready") == "rightsizer is ready\n"
    assert running.metric('rightsizer_machine_memory_ratio{machine="web-1"}') is not None


def test_the_service_command_says_how_it_stands(running: Service) -> None:
    said = json.loads(running.guest.ask(BIN, "service", "status", "-o", "json").stdout)

    states = {check["check"]: check["state"] for check in said}
    assert {name for name, state in states.items() if state != "good"} == {"at boot"}  # it is not enabled
    assert str(running.pid()) in next(check["found"] for check in said if check["check"] == "service")


def test_the_running_sandbox_leaves_an_exposure_of_1_1_at_most(running: Service) -> None:
    said = running.guest.call("systemd-analyze", "security", UNIT, "--no-pager")

    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", said)
    assert found is not None
    assert float(found[1]) <= 1.1


def test_the_sandbox_lets_the_intranet_through_and_nothing_else(running: Service) -> None:
    # both addresses are the guest's own: what differs is the unit's list
    running.guest.shell(f"for each in {INTRANET} {PUBLIC}; do ip address replace $each/32 dev lo; done")
    running.guest.call("curl", "--silent", "--fail", "--output", "/dev/null", f"http://{PUBLIC}:9100/metrics")
    targets = ", ".join(
        f"{{machine: {name}, url: 'http://{address}:9100/metrics'}}"
        for name, address in (("inside", INTRANET), ("outside", PUBLIC))
    )
    source = f"  - {{kind: exporter, name: pages, timeout: 2s, targets: [{targets}]}}\n"
    running.made_anew(SHOWN + source, QUICK)

    running.start()

    inside, outside = (
        f'rightsizer_machine_sample_timestamp_seconds{{machine="{name}"}}' for name in ("inside", "outside")
    )
    failed = re.compile(r'rightsizer_collect_failures_total\{[^}]*source="pages"[^}]*\} [1-9]')
    wait(lambda: failed.search(running.page()) is not None, "the refusal", 30)
    wait(lambda: running.metric(inside) is not None, "a sample of the machine inside", 30)
    assert running.metric(outside) is None


def test_the_whole_product_works_within_the_sandbox(service: Service) -> None:
    demo = f"{BIN} demo --exit --machines 20 --departments 4 --folder /var/lib/rightsizer/demo"
    once = f"Type=oneshot\nRestart=no\nExecStartPre=\nExecStart=\nExecStart={demo}"
    service.made_anew(SHOWN, once)

    service.systemctl("start", UNIT)

    letters = list(service.guest.path("var/lib/rightsizer/demo/mail").iterdir())
    assert {path.suffix for path in letters} == {".eml", ".pdf"}
    assert list(service.guest.path("var/lib/rightsizer/demo/data/lake/days").rglob("*.parquet"))


def test_a_notice_is_mailed_once_also_when_the_daemon_is_killed_afterwards(posting: Service) -> None:
    letters_go_out(posting)
    wait(lambda: len(mails(posting)) == 1, "the notice", 90)
    first = posting.pid()

    posting.guest.call("kill", "-KILL", str(first))

    second = posting.wait_for_another(first)
    wait(lambda: posting.steps(second) >= {"collect", "issue", "deliver", "follow_up"}, "a round of work", 60)
    assert len(mails(posting)) == 1
    assert b"To: sfj@city.example" in mails(posting)[0]
    assert posting.metric('rightsizer_outbox_mails{state="sent"}') == 1
    assert posting.command("audit", "verify").endswith("\n")


def test_fault_41_a_frozen_daemon_is_ended_by_the_watchdog_and_shows_where_it_was(running: Service) -> None:
    first = running.pid()

    running.guest.call("kill", "-STOP", str(first))

    second = running.wait_for_another(first)
    said = "\n".join(running.journal())
    assert second != first
    assert "Watchdog timeout" in said
    assert "Fatal Python error: Aborted" in said
    assert "monitor/daemon/beat.py" in said


def test_a_bad_settings_file_is_refused_and_the_old_settings_stay(running: Service) -> None:
    first = running.pid()
    running.guest.write(SETTINGS, SHOWN + "no_such_key: 1\n")

    running.systemctl("reload", UNIT)

    wait(lambda: running.metric("rightsizer_settings_reload_successful") == 0, "the refusal", 30)
    wait(lambda: "no_such_key" in running.shown("StatusText"), "the reason in the status", 30)
    assert running.pid() == first
    assert running.page("/-/healthy")

    running.guest.write(SETTINGS, SHOWN)
    running.systemctl("reload", UNIT)

    wait(lambda: running.metric("rightsizer_settings_reload_successful") == 1, "the reload", 30)
    assert running.pid() == first


def test_stopped_it_ends_well_and_its_journal_is_clean(running: Service) -> None:
    wait(lambda: running.steps(running.pid()) >= {"collect", "deliver", "judge"}, "a round of work", 60)

    running.systemctl("stop", UNIT)

    assert running.shown("Result") == "success"
    assert running.shown("ExecMainStatus") == "0"
    said = running.journal()
    assert {event["level"] for event in running.events()} == {"info"}
    assert not [line for line in said if re.search(r"Traceback|[Ww]arning|[Ff]ailed|Unknown key", line)]


@pytest.mark.parametrize("verb", ["install", "uninstall"])
def test_who_is_not_root_is_told_so(service: Service, verb: str) -> None:
    done = service.guest.ask(*service.by_user("service", verb, user="nobody"))

    assert done.returncode == 1
    assert "run it as root" in done.stderr


def test_uninstalled_it_leaves_data_and_settings_and_says_where(running: Service) -> None:
    said = running.guest.call(BIN, "service", "uninstall")

    try:
        assert f"removed /etc/systemd/system/{UNIT}" in said
        for stays in ("/etc/rightsizer/rightsizer.yml", "/var/lib/rightsizer"):
            assert f"stays {stays}" in said
            assert running.guest.path(stays.lstrip("/")).exists()
        assert running.guest.ask("systemctl", "cat", UNIT).returncode != 0
        assert running.guest.path("var/lib/rightsizer/register.db").exists()
    finally:
        running.guest.call(BIN, "service", "install")
    assert running.start()


def test_fault_43_killed_for_memory_it_starts_again_and_has_lost_nothing(bounded: Service) -> None:
    bounded.made_anew(SHOWN, QUICK)
    first = bounded.start()
    wait(lambda: "collect" in bounded.steps(first), "a sample", 60)
    bounded.guest.write("srv/usage.csv", history(*(f"vm-{number}" for number in range(MACHINES))))
    bounded.command("usage", "import", "/srv/usage.csv", "--step", "1h", "--create", "-m", "test")
    before = stored(bounded)

    killed = killed_for_memory(bounded)
    narrow = int(bounded.shown("MemoryCurrent")) + MARGIN
    bounded.systemctl("set-property", "--runtime", UNIT, f"MemoryMax={narrow}")
    bounded.systemctl("reload", UNIT)  # the past is folded and judged, which takes more than that
    bounded.wait_for_line("code=killed, status=9/KILL")
    bounded.systemctl("set-property", "--runtime", UNIT, "MemoryMax=2560M")

    second = bounded.wait_for_another(first)
    wait(lambda: "judge" in bounded.steps(second), "the judgement", 60)
    assert killed_for_memory(bounded) > killed
    assert before <= stored(bounded)
    assert len(json.loads(bounded.command("finding", "list", "-o", "json"))) == MACHINES
    assert "sound" in bounded.command("audit", "verify")


def killed_for_memory(service: Service) -> int:
    """How many processes the kernel has killed so."""
    found = re.search(r"(?m)^oom_kill (\d+)$", service.guest.path("proc/vmstat").read_text())
    return int(found[1]) if found else 0


def stored(service: Service) -> set[str]:
    """The machines that the register knows."""
    return set(service.command("inventory", "list", "-o", "csv").splitlines())
