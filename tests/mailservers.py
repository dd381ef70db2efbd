"""Fixtures: certificates of a private CA, and Debian's postfix with dovecot's LMTP behind it.

A test module takes them by `pytest_plugins = ["mailservers"]`; see smtpservers.py for scripted servers.
"""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from components import free_port, program, running, wait
from smtpservers import SECRET, Caller, listener, settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.settings import Mail

OPENSSL = "/usr/bin/openssl"
POSTFIX = "/usr/sbin/postfix"
MASTER = "/usr/lib/postfix/sbin/master"
DOVECOT = "/usr/sbin/dovecot"
LMTP = "/usr/lib/dovecot/lmtp"
SIEVE = "/usr/lib/dovecot/modules/lib90_sieve_plugin.so"


# ---- certificates


@dataclass(frozen=True)
class Certificates:
    """A private CA, and what servers show: `good`, `expired`, for a `stranger`'s name, of a `foreign` CA."""

    folder: Path

    @property
    def ca(self) -> Path:
        return self.folder / "ca.pem"

    def context(self, name: str) -> ssl.SSLContext:
        made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        made.load_cert_chain(self.folder / f"{name}.pem", self.folder / "server.key")
        return made

    def made(self) -> Certificates:
        key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
        for ca in ("ca", "other"):
            self.openssl(
                "req", "-x509", *key, "-keyout", f"{ca}.key", "-out", f"{ca}.pem", "-subj", f"/CN={ca}"
            )
        self.openssl("req", *key, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=server")
        here = "IP:127.0.0.1,DNS:localhost"
        self.sign("good", "ca", here, 2)
        self.sign("expired", "ca", here, -1)
        self.sign("stranger", "ca", "DNS:mail.elsewhere.example", 2)
        self.sign("foreign", "other", here, 2)
        return self

    def sign(self, name: str, ca: str, names: str, days: int) -> None:
        (self.folder / "extensions").write_text(f"subjectAltName={names}\n")
        command = ["x509", "-req", "-in", "server.csr", "-out", f"{name}.pem", "-days", str(days)]
        command += ["-CA", f"{ca}.pem", "-CAkey", f"{ca}.key", "-CAcreateserial", "-extfile", "extensions"]
        self.openssl(*command)

    def openssl(self, *command: str) -> None:
        arguments = [program(OPENSSL), *command]
        subprocess.run(arguments, check=True, capture_output=True, timeout=30, cwd=self.folder)


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("pki")).made()


# ---- the real ones: postfix takes mail, dovecot checks logins and keeps what postfix delivers

MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/log/postfix
maillog_file_prefixes = {folder}
myhostname = mail.city.example
mydestination =
mynetworks =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
alias_database =
disable_dns_lookups = yes
smtp_dns_support_level = disabled
recipient_delimiter = +
virtual_mailbox_domains = city.example
virtual_mailbox_maps = inline:{{ {boxes} }}
virtual_transport = lmtp:inet:127.0.0.1:{lmtp}
relay_domains = later.example
relay_transport = lmtp:inet:127.0.0.1:{lmtp}
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_tls_cert_file = {pki}/good.pem
smtpd_tls_key_file = {pki}/server.key
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {folder}/run/auth-postfix
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_recipient_restrictions = check_policy_service inet:127.0.0.1:{policy}
"""
SERVICES = """
127.0.0.1:{port} inet n - n - - smtpd
127.0.0.1:{tls} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""
BOXES = """
protocols = lmtp
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log/dovecot
listen = 127.0.0.1
ssl = no
recipient_delimiter = +
auth_failure_delay = 0
auth_mechanisms = plain login
mail_uid = nobody
mail_gid = nogroup
mail_home = {folder}/boxes/%n
mail_location = maildir:~/Maildir
passdb {{
  driver = passwd-file
  args = username_format=%u {folder}/users
}}
userdb {{
  driver = passwd-file
  args = username_format=%u {folder}/users
}}
service auth {{
  unix_listener auth-postfix {{
    mode = 0666
  }}
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    port = {lmtp}
  }}
}}
protocol lmtp {{
  mail_plugins = sieve
}}
plugin {{
  sieve = file:{folder}/boxes/once.sieve
}}
"""
ONCE = 'require ["duplicate"];\nif duplicate { discard; stop; }\nkeep;\n'
PEOPLE = ("office", "finance", "grey", "bounces")


@dataclass
class PostOffice:
    """Mail for PEOPLE@city.example ends in `maildir(name)`; mail for anybody@later.example is taken and comes
    back. The first mail to grey@city.example is put off.
    """

    folder: Path
    ca: Path
    port: int
    tls: int

    def mail(self, **more: Any) -> Mail:
        given = {
            "port": self.port,
            "timeout": "5s",
            "security": "starttls",
            "tls": {"ca_file": self.ca},
            "username": "notices@city.example",
            "password_file": self.folder / "secret",
        }
        return settings(**{**given, **more})

    def maildir(self, name: str) -> Path:
        return self.folder / "boxes" / name / "Maildir"

    def letters(self, name: str, text: str = "") -> list[bytes]:
        """The mails of a box that hold `text`."""
        contents = [path.read_bytes() for path in self.maildir(name).glob("new/*")]
        return [content for content in contents if text.encode() in content]

    def settle(self) -> None:
        """Waits until nothing is on its way."""
        places = [self.folder / "queue" / name for name in ("maildrop", "incoming", "active", "deferred")]
        wait(lambda: not any(file.is_file() for place in places for file in place.rglob("*")), "the queue")


class Greylist:
    """A postfix policy server: the first mail to grey@ is put off, whoever asks and how often in between."""

    def __init__(self) -> None:
        self.seen: set[str] = set()

    def __call__(self, caller: Caller) -> None:
        question = b""
        while data := caller.connection.recv(65536):
            question += data
            while b"\n\n" in question:
                one, _, question = question.partition(b"\n\n")
                caller.say(f"action={self.answer(one.decode())}\n\n".encode())

    def answer(self, question: str) -> str:
        asked = (line.partition("=") for line in question.splitlines())
        recipient = next((value for name, _, value in asked if name == "recipient"), "")
        if not recipient.startswith("grey@") or recipient in self.seen:
            return "dunno"
        self.seen.add(recipient)
        return "defer_if_permit 4.7.1 Greylisted, try again"


@pytest.fixture(scope="session")
def post_office(certificates: Certificates) -> Iterator[PostOffice]:
    """Debian's postfix and dovecot out of a private folder. They become users of their own: only root may."""
    from conftest import required

    for path in (POSTFIX, MASTER, DOVECOT, LMTP, SIEVE):
        program(path)
    if os.getuid() != 0:
        required("the user root, who alone can start postfix,")
    folder = Path(tempfile.mkdtemp(prefix="rightsizer-mail-"))
    office = PostOffice(folder, certificates.ca, free_port(), free_port())
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        policy = stack.enter_context(listener(Greylist()))
        configure(office, certificates, free_port(), policy.port)
        dovecot = [DOVECOT, "-F", "-c", str(folder / "dovecot.conf")]
        socket_of_logins = folder / "run" / "auth-postfix"
        stack.enter_context(running(dovecot, socket_of_logins.exists, folder / "log" / "start"))
        # In a session of its own: postfix ends by a signal to its whole process group.
        master = ["/usr/bin/setsid", MASTER, "-c", str(folder / "postfix"), "-s"]
        stack.enter_context(running(master, lambda: greets(office.port), folder / "log" / "master"))
        yield office


def configure(office: PostOffice, certificates: Certificates, lmtp: int, policy: int) -> None:
    folder = office.folder
    folder.chmod(0o755)
    places = [folder / "boxes" / name for name in PEOPLE]
    for place in [folder / name for name in ("postfix", "queue", "data", "boxes", "run", "log")] + places:
        place.mkdir()
    shutil.chown(folder / "data", "postfix")
    for place in (folder / "boxes", *places):
        shutil.chown(place, "nobody", "nogroup")
    boxes = ", ".join(f"{{ {name}@city.example = {name} }}" for name in PEOPLE)
    names = {"folder": folder, "pki": certificates.folder, "boxes": boxes, "lmtp": lmtp, "policy": policy}
    (folder / "postfix" / "main.cf").write_text(MAIN.format(**names))
    (folder / "postfix" / "master.cf").write_text(SERVICES.format(port=office.port, tls=office.tls))
    (folder / "dovecot.conf").write_text(BOXES.format(**names))
    (folder / "boxes" / "once.sieve").write_text(ONCE)
    (folder / "secret").write_text(SECRET)
    users = "".join(f"{name}@city.example:{{PLAIN}}{SECRET}::::::\n" for name in (*PEOPLE, "notices"))
    (folder / "users").write_text(users)
    subprocess.run(
        [POSTFIX, "-c", str(folder / "postfix"), "check"], check=True, timeout=60, capture_output=True
    )


def greets(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            return connection.recv(100).startswith(b"220")
    except OSError:
        return False
