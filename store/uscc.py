"""统一社会信用代码: the 18 characters of GB 32100-2015 and the two check characters in them.

1 registration authority, 1 kind of body, 6 region, 9 organisation code of GB 11714 whose last is a check
character, 1 check character over the whole.
"""

from __future__ import annotations

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # without I, O, S, V, Z
LENGTH = 18
WEIGHTS = tuple(pow(3, i, 31) for i in range(LENGTH - 1))
INNER_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
INNER = slice(8, 16)  # the organisation code without its check character


def looks_like(code: str) -> bool:
    """Whether a code is meant as one of these: 18 characters of the alphabet."""
    return len(code) == LENGTH and all(character in ALPHABET for character in code)


def misread(code: str) -> str:
    """What keeps 18 letters and digits with a region in their places from being one of these; else empty."""
    meant = len(code) == LENGTH and code.isascii() and code.isalnum() and code[2:8].isdecimal()
    strange = [f"{c} (place {i})" for i, c in enumerate(code, 1) if c not in ALPHABET] if meant else []
    return f"which has no I, O, S, V, Z: look at {', '.join(strange)}" if strange else ""


def check(code: str) -> str:
    """The last character of a code, from its first 17."""
    total = sum(w * ALPHABET.index(c) for w, c in zip(WEIGHTS, code, strict=False))
    return ALPHABET[(31 - total) % 31]


def inner_check(code: str) -> str:
    """The check character of the organisation code inside (the 17th), from the eight before it."""
    total = sum(w * int(c, 36) for w, c in zip(INNER_WEIGHTS, code[INNER], strict=True))
    return "0123456789X0"[11 - total % 11]


def fault(code: str) -> str:
    """What is wrong with a code that looks like one of these; empty when nothing is."""
    if not code[2:8].isdecimal():
        return "six digits of a region in places 3 to 8"
    if code[16] != inner_check(code):
        return f"the organisation code in it to end with {inner_check(code)} (place 17)"
    if code[17] != check(code):
        return f"the check character {check(code)} (place 18)"
    return ""
