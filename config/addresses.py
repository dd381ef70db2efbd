"""Hosts, and mail addresses that we are willing to write to: ASCII, one line, nothing to be read twice."""

from __future__ import annotations

import re
from ipaddress import ip_address

LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
DOMAIN = r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
ADDRESS = re.compile(f"(?P<local>{LOCAL})@(?P<domain>{DOMAIN})")
BETWEEN = re.compile(r"[\s,;，；、]+")


def is_address(text: str) -> bool:
    """RFC 5321's dot-atom form; a domain in Chinese is written in its xn-- form."""
    found = ADDRESS.fullmatch(text)
    return found is not None and len(text) <= 254 and len(found["local"]) <= 64


def is_host(text: str) -> bool:
    """An IP address or a host name: what can be listened on or looked up."""
    try:
        ip_address(text)
    except ValueError:
        numbers = text.replace(".", "").isdigit()
        return re.fullmatch(DOMAIN, text) is not None and len(text) <= 253 and not numbers
    return True


def addresses(text: str | None) -> tuple[list[str], list[str]]:
    """(good, bad) addresses of a field that may hold several, each once, in their order."""
    words = [word for word in BETWEEN.split((text or "").strip()) if word]
    unique = list({word.lower(): word for word in words}.values())
    return [word for word in unique if is_address(word)], [word for word in unique if not is_address(word)]
