"""The password of the mail server, from an encrypted credential to the login: it stands nowhere else."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING

from city import SECRET, at_work, letters_go_out, mails
from components import wait
from guest import SETTINGS, UNIT

if TYPE_CHECKING:
    from guest import Service

pytest_plugins = ["booting"]


def told(text: bytes) -> bool:
    """Does the password stand there, plain or as AUTH LOGIN or AUTH PLAIN send it?"""
    forms = (SECRET.encode(), f"\0rightsizer\0{SECRET}".encode())
    return forms[0] in text or any(base64.b64encode(form) in text for form in forms)


def test_fault_52_the_password_appears_nowhere(posting: Service) -> None:
    letters_go_out(posting)
    wait(lambda: len(mails(posting)) == 1, "a mail sent with the password", 90)
    pid = posting.pid()
    places = {
        "journal": posting.guest.call("journalctl", "--all", "-o", "export"),
        "systemctl show": posting.systemctl("show", UNIT),
        "environment": posting.guest.path(f"proc/{pid}/environ").read_text("utf-8"),
        "arguments": posting.guest.path(f"proc/{pid}/cmdline").read_text("utf-8"),
        "page": posting.page(),
        "settings": posting.guest.path(SETTINGS).read_text("utf-8"),
    }
    files = [path for path in posting.guest.path("var/lib/rightsizer").rglob("*") if path.is_file()]

    assert [name for name, text in places.items() if told(text.encode())] == []
    assert [path for path in files if told(path.read_bytes())] == []
    assert "register.db" in {path.name for path in files}
    assert re.search(r"Max core file size +0 +0 ", posting.guest.path(f"proc/{pid}/limits").read_text())


def test_fault_52_a_refused_login_shows_no_password_even_when_verbose(posting: Service) -> None:
    posting.guest.ask("systemctl", "stop", "sink")
    posting.guest.write("srv/password", "another")
    posting.guest.shell("rm -rf /srv/mails")
    sink = ["/opt/rightsizer/bin/python", "/srv/deploy/sink.py", "2525", "/srv/mails", "/srv/password"]
    at_work(posting, "sink", *sink)

    letters_go_out(posting)
    wait(lambda: posting.metric('rightsizer_mails_tried_total{outcome="pause"}') == 1, "the refusal", 90)
    done = posting.guest.ask(*posting.by_user("--verbose", "doctor"))

    assert "refused the login" in done.stdout
    assert not told((done.stdout + done.stderr + "\n".join(posting.journal())).encode())


def test_the_password_is_readable_by_the_service_and_root_alone(posting: Service) -> None:
    given = "/run/credentials/rightsizer.service/mail-password"

    assert posting.guest.call("runuser", "-u", "rightsizer", "--", "cat", given) == SECRET
    assert posting.guest.ask("runuser", "-u", "nobody", "--", "cat", given).returncode != 0
    assert not told(posting.guest.path("etc/credstore.encrypted/rightsizer.mail-password").read_bytes())
