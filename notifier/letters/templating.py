"""Templates of letters: found, rendered, and taken apart into head and paragraphs; a mistake is said with
its place. How they are written: notifier/letters/templates/README.md.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
    meta,
    nodes,
)
from jinja2.sandbox import ImmutableSandboxedEnvironment

from notifier.letters.letter import Paragraph

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

OURS = Path(__file__).parent / "templates"
VALUE = "\x01"  # stands before every fact in a rendered text: what a name says is never a mark of ours
KEPT = "\x02"  # ends a line of text and tags: it stays a line of its paragraph when nothing is left of it
HEAD = {
    "主题": "subject",
    "标题": "title",
    "期限": "deadline",
    "办理": "action",
    "附件": "annex",
    "Subject": "subject",
    "Title": "title",
    "Deadline": "deadline",
    "Action": "action",
    "Annex": "annex",
}
TAG = r"(?:\{%(?:(?!%\}).)*%\}|\{#(?:(?!#\}).)*#\})"
ONLY_TAGS = re.compile(rf"\s*(?:{TAG}\s*)+")
ENDS_WITH_TAG = re.compile(r"(?<!-)[%#]\}$")
MARKS = (("## ", 2), ("# ", 1))
MISTAKES = (
    TemplateError,
    TypeError,
    ValueError,
    LookupError,
    AttributeError,
    ArithmeticError,
    RecursionError,
)


class WordingError(ValueError):
    """A letter cannot be worded. `path` and `line` say where in the templates; None and 0: in the facts."""

    def __init__(self, said: str, path: Path | None = None, line: int = 0) -> None:
        super().__init__(f"{path}:{line}: {said}" if path else said)
        self.said, self.path, self.line = said, path, line


class Lines(FileSystemLoader):
    """A line of tags alone leaves nothing, a line of text that ends with a tag keeps its end."""

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        source, path, fresh = super().get_source(environment, template)
        return "\n".join(kept(line) for line in source.split("\n")), path, fresh


def kept(line: str) -> str:
    return line + KEPT if ENDS_WITH_TAG.search(line) and not ONLY_TAGS.fullmatch(line) else line


@lru_cache(maxsize=8)
def texts(folder: Path | None) -> Environment:
    """Plain text: the templates of `folder` before ours. Raises WordingError when there is no folder."""
    return environment(folder, Lines, finalize=marked)


@lru_cache(maxsize=8)
def pages(folder: Path | None) -> Environment:
    """HTML: every value is escaped."""
    return environment(folder, FileSystemLoader, autoescape=True)


def environment(folder: Path | None, loader: type[FileSystemLoader], **options: object) -> Environment:
    if folder is not None and not folder.is_dir():
        raise WordingError(f"no folder of templates at {folder}; letters.templates_dir names it")
    places = [place for place in (folder, OURS) if place is not None]
    return ImmutableSandboxedEnvironment(
        loader=ChoiceLoader([loader(place, "utf-8-sig") for place in places]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        **options,
    )


def marked(value: object) -> str:
    if value is None:
        raise ValueError("this fact is not known here; say it within {% if ... %}")
    return f"{VALUE}{value}"


def rendered(environment: Environment, name: str, known: Mapping[str, object]) -> str:
    """Raises WordingError at the line of the template where it went wrong."""
    try:
        return environment.get_template(name).render(known)
    except UnicodeDecodeError as error:
        raise WordingError("text in UTF-8 is expected", place(environment, name), 1) from error
    except TemplateNotFound as error:  # an OSError too
        path, line = where(error) or (place(environment, name), 1)
        raise WordingError(f"there is no template {error.name}", path, line) from error
    except OSError as error:
        raise WordingError(f"cannot be read ({error.strerror})", place(environment, name), 1) from error
    except TemplateSyntaxError as error:
        raise WordingError(str(error.message), Path(error.filename or name), error.lineno) from error
    except MISTAKES as error:
        path, line = where(error) or (place(environment, name), 1)
        raise WordingError(explained(error, known), path, line) from error


def mistakes(folder: Path, known: Iterable[str]) -> list[WordingError]:
    """What is wrong with an operator's templates, as far as it shows before a letter is written: files that
    take the place of none of ours, syntax, facts that there are not (`known`: those of the letters).
    """
    wrong: list[WordingError] = []
    for path in sorted(folder.rglob("*.j2")):
        name = path.relative_to(folder).as_posix()
        wrong.extend(faults(path, name, folder, frozenset(known)))
    return wrong


def faults(path: Path, name: str, folder: Path, known: frozenset[str]) -> list[WordingError]:
    if not (OURS / name).is_file():
        ours = ", ".join(sorted(each.relative_to(OURS).as_posix() for each in OURS.rglob("*.j2")))
        return [WordingError(f"takes the place of no template of ours: {ours}", path, 1)]
    try:
        source = path.read_text("utf-8-sig")
        tree = texts(folder).parse(source, name, str(path))
    except UnicodeDecodeError:
        return [WordingError("text in UTF-8 is expected", path, 1)]
    except OSError as error:
        return [WordingError(f"cannot be read ({error.strerror})", path, 1)]
    except TemplateSyntaxError as error:
        return [WordingError(str(error.message), path, error.lineno)]
    if name.endswith(".html.j2"):
        return []
    missing = meta.find_undeclared_variables(tree) - known
    said = f"is no fact; known are {', '.join(sorted(known))}"
    named = {node.name: node.lineno for node in reversed(list(tree.find_all(nodes.Name)))}
    return [WordingError(f"{fact!r} {said}", path, named.get(fact, 1)) for fact in sorted(missing)]


def where(error: BaseException) -> tuple[Path, int] | None:
    """The last line of a template that the error went through."""
    found, step = None, error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename.endswith(".j2"):
            found = Path(step.tb_frame.f_code.co_filename), step.tb_lineno
        step = step.tb_next
    return found


def explained(error: BaseException, known: Mapping[str, object]) -> str:
    said = re.sub(r"'[\w.]+\.(\w+) object'", r"\1", str(error))
    if said.endswith("is undefined"):
        return f"{said}; known are {', '.join(sorted(known))}"
    return said


def place(environment: Environment, name: str) -> Path:
    """The file that counts under this name."""
    loaders = environment.loader.loaders if isinstance(environment.loader, ChoiceLoader) else []
    for loader in loaders:
        for folder in getattr(loader, "searchpath", []):
            if (Path(folder) / name).exists():
                return Path(folder) / name
    return OURS / name


def parts(environment: Environment, name: str, text: str) -> tuple[dict[str, list[str]], str]:
    """The head by its keys, and the body. Raises WordingError for a line of the head that is unknown or
    missing.
    """
    head_text, _, body = text.strip("\n").partition("\n\n")
    head: dict[str, list[str]] = {}
    for line in head_text.split("\n"):
        key, _, said = line.replace("：", ":", 1).partition(":")
        if key.strip() not in HEAD or not plain(said):
            known = " ".join(f"{word}：" for word in HEAD)
            fault = f"a line of the head begins with one of {known}; read {plain(line)[:40]!r}"
            raise WordingError(fault, *found(environment, name, line))
        head.setdefault(HEAD[key.strip()], []).append(plain(said))
    missing = [word for word, key in HEAD.items() if key not in head]
    if missing or not plain(body):
        fault = (
            f"the head needs {'：, '.join(missing)}："
            if missing
            else "after the head and an empty line, the text"
        )
        raise WordingError(fault, place(environment, name), 1)
    return head, body


def found(environment: Environment, name: str, line: str) -> tuple[Path, int]:
    """Where a rendered line stands in its template: the first line that begins alike."""
    path = place(environment, name)
    begin = re.split(f"[{VALUE}：:]", line)[0].strip()
    lines = path.read_text("utf-8-sig").split("\n")
    return path, next(
        (n for n, source in enumerate(lines, 1) if begin and source.strip().startswith(begin)), 1
    )


def paragraphs(text: str, join: str) -> list[Paragraph]:
    """An empty line ends a paragraph, its lines are joined with `join`; a line with a mark is a heading."""
    said: list[Paragraph] = []
    for block in re.split(r"\n[ \t]*\n", text):
        said.extend(block_paragraphs(block.split("\n"), join))
    return said


def block_paragraphs(lines: Iterable[str], join: str) -> list[Paragraph]:
    said: list[Paragraph] = []
    running: list[str] = []
    for line in [*(line.strip(" \t") for line in lines), ""]:
        level = next((level for mark, level in MARKS if line.startswith(mark)), 0)
        if level == 0 and line:
            running.extend([plain(line)] if plain(line) else [])
            continue
        if running:
            said.append(Paragraph(join.join(running)))
            running = []
        if level:
            said.append(Paragraph(plain(line.lstrip("#")), level))
    return said


def plain(text: str) -> str:
    """Without the marks before facts."""
    return text.replace(VALUE, "").replace(KEPT, "").strip()
