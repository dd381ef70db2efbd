"""Keys and lines of a person at a terminal, or lines of a script on standard input."""

from __future__ import annotations

import os
import select as readiness
import sys
import termios
import tty
from dataclasses import dataclass

import click

from monitor.cli.output import cell

LOST = (b"", b"\x03", b"\x04")  # the end; Ctrl-C and Ctrl-D where the terminal hands them over
TOGETHER = 0.02  # seconds between the bytes of one key


@dataclass(frozen=True, slots=True)
class Conversation:
    """Asks on stderr; `terminal`: a person answers with keys, otherwise a script line by line."""

    terminal: bool

    def key(self, question: str, words: dict[str, str]) -> str:
        """The key of one of `words` (key -> word), or what was typed instead. Raises EOFError at the end."""
        said = pressed(question) if self.terminal else line(question)
        click.echo(cell(said), err=True)
        short = said.strip().lower()
        return next((key for key, word in words.items() if short in {key, word}), short)

    def words(self, question: str) -> str:
        """One line, harmless. Raises EOFError at the end."""
        said = line(question)
        if not self.terminal:
            click.echo(cell(said), err=True)
        return cell(said)

    def clear(self) -> None:
        """Begins a new screen, off a terminal a new paragraph."""
        if self.terminal and sys.stdout.isatty():
            click.clear()
        else:
            click.echo()


def pressed(question: str) -> str:
    """A key, without Enter. What was typed before the question was asked does not count: nobody answers what
    was not shown yet. Raises EOFError, KeyboardInterrupt.
    """
    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    try:
        tty.setcbreak(descriptor, termios.TCSAFLUSH)
        click.echo(f"{question} ", nl=False, err=True)
        found = os.read(descriptor, 1)
        while readiness.select([descriptor], [], [], TOGETHER)[0]:  # a key of several bytes, such as an arrow
            found += os.read(descriptor, 64)
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
    if found in LOST:
        raise EOFError
    return found.decode("utf-8", "replace")


def line(question: str) -> str:
    """A line, of a person or of a script. Raises EOFError."""
    click.echo(f"{question} ", nl=False, err=True)
    found = sys.stdin.readline()
    if not found:
        raise EOFError
    return found.rstrip("\n")


def conversation() -> Conversation:
    return Conversation(sys.stdin.isatty())


def bold(text: str) -> str:
    """Bold on a terminal that may show it."""
    return text if os.environ.get("NO_COLOR") else click.style(text, bold=True)
