"""The fonts of a formal letter: which families there are, in which order they are tried, what they print.

GB/T 9704 names 小标宋 for the title, 仿宋 for the text, 黑体 and 楷体 for headings, 宋体 for page numbers.
Where a font is missing, or lacks a character (垚, 喆 and 堃 are not in GB 2312), the next family of the list
prints it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typst

from notifier.letters.cmap import characters

if TYPE_CHECKING:
    from collections.abc import Sequence

PROBE = frozenset(
    map(ord, "关于核减政务云资源的通知办法〔〕《》（）、。：—")
)  # a family without these is not Chinese
LATIN = "Libertinus Serif"  # comes with typst
LATIN_CHARACTERS = frozenset(range(0x20, 0x180)) - frozenset(range(0x7F, 0xA0))
FANG = ("仿宋_gb2312", "fangsong_gb2312", "仿宋", "fangsong", "fandolfang")
KAI = ("楷体_gb2312", "kaiti_gb2312", "楷", "kaiti", "fandolkai", "wenkai", "ukai", "kai")
HEI = ("黑体", "simhei", "heiti", "fandolhei", "sans cjk sc", "sans sc", "黑", "sans", "hei")
SONG = ("宋体", "simsun", "stsong", "fandolsong", "serif cjk sc", "serif sc", "uming", "serif", "宋", "song")
TITLE = ("小标宋", "xiaobiaosong", "xbsong", "大标宋", "dabiaosong")
WIDE = (
    "serif cjk sc",
    "sans cjk sc",
    "serif sc",
    "sans sc",
    "uming",
    "ukai",
    "wenkai",
    "zen hei",
)  # > GB 2312
ABROAD = (" HK", " TC", " JP", " KR", " TW", " MO")


class PrintError(RuntimeError):
    """A letter was not printed; its other forms (DOCX, HTML) do not depend on it."""


class FontError(PrintError):
    """No letter can be printed. `fonts_dir` is the folder that was asked, None for the system alone."""

    def __init__(self, problem: str, fonts_dir: Path | None) -> None:
        self.problem = problem
        self.fonts_dir = fonts_dir
        super().__init__(f"{problem}; apt-get install fonts-noto-cjk, or set letters.fonts_dir")


@dataclass(frozen=True, slots=True)
class Faces:
    """Families in the order in which they are tried; every list has the same families at last."""

    song: tuple[str, ...]
    fang: tuple[str, ...]
    kai: tuple[str, ...]
    hei: tuple[str, ...]
    title: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """The type case: the loaded fonts, their order, and the code points that they can print."""

    fonts: typst.Fonts
    faces: Faces
    printable: frozenset[int]


def faces(fonts_dir: Path | None, *, system: bool = True) -> Faces:
    """The families of `fonts_dir` and, with `system`, of the system. Raises FontError if none is Chinese."""
    return case(fonts_dir, system=system).faces


def case(fonts_dir: Path | None, *, system: bool = True) -> Case:
    """Raises FontError when no family has Chinese characters, or the folder is missing."""
    if fonts_dir is not None and not fonts_dir.is_dir():
        raise FontError(f"letters.fonts_dir: {fonts_dir} is not a folder", fonts_dir)
    fonts = typst.Fonts(system, True, [fonts_dir] if fonts_dir else [])
    chinese = {family: has for family, has in families(fonts).items() if has >= PROBE}
    if not chinese:
        places = [str(fonts_dir)] * (fonts_dir is not None) + ["the system's fonts"] * system
        raise FontError(f"no Chinese font found in {' or '.join(places) or 'no folder'}", fonts_dir)
    printable = LATIN_CHARACTERS.union(*chinese.values())
    return Case(fonts, order(tuple(chinese)), printable)


def families(fonts: typst.Fonts) -> dict[str, frozenset[int]]:
    """The characters of each family that may be of use, by its most regular font."""
    regular: dict[str, typst.FontInfo] = {}
    for font in sorted(fonts.fonts(), key=lambda font: (font.family, abs(font.weight - 400), font.style)):
        if font.path is not None and " Mono" not in font.family:
            regular.setdefault(font.family, font)
    ours = {family for family in regular if not is_abroad(family, regular)}
    return {family: characters(Path(regular[family].path or ""), regular[family].index) for family in ours}


def is_abroad(family: str, others: dict[str, typst.FontInfo]) -> bool:
    """The forms of another region, while the mainland's are there too: 'Noto Serif CJK JP'."""
    region = family[-3:]
    return region in ABROAD and family.removesuffix(region) + " SC" in others


def order(chinese: Sequence[str]) -> Faces:
    wide = matching((*WIDE, *SONG, *HEI, ""), chinese)
    return Faces(
        song=unique(matching(SONG, chinese), wide),
        fang=unique(matching(FANG, chinese), matching(SONG, chinese), wide),
        kai=unique(matching(KAI, chinese), matching(FANG, chinese), matching(SONG, chinese), wide),
        hei=unique(matching(HEI, chinese), wide),
        title=unique(matching(TITLE, chinese), matching(SONG, chinese), wide),
    )


def matching(fragments: tuple[str, ...], chinese: Sequence[str]) -> list[str]:
    """Families with the first fragment in their name, then those with the second, ..., each by name."""
    return [family for part in fragments for family in sorted(chinese) if part in family.lower()]


def unique(*lists: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(family for names in lists for family in names))
