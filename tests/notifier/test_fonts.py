"""The fonts of letters: which are found, in which order, what they print, and the refusal without them."""

from __future__ import annotations

import shutil
import struct
import subprocess
from pathlib import Path

import pytest
from components import program

from notifier.letters.cmap import characters, mapped
from notifier.letters.fonts import FontError, case, faces, order
from notifier.letters.pdf import Press

NOTO = "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc"
DEJAVU = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
FC_QUERY = "/usr/bin/fc-query"
SIMPLIFIED = 2  # place of Noto Serif CJK SC in its collection


@pytest.fixture
def latin_only(tmp_path: Path) -> Path:
    shutil.copy(program(DEJAVU), tmp_path)
    return tmp_path


def test_a_folder_without_a_chinese_font_is_refused_with_the_package_to_install(latin_only: Path) -> None:
    with pytest.raises(FontError, match=r"apt-get install fonts-noto-cjk, or set letters\.") as refused:
        faces(latin_only, system=False)

    assert refused.value.fonts_dir == latin_only
    assert str(latin_only) in refused.value.problem


def test_no_press_stands_without_a_chinese_font_so_that_boxes_are_never_printed(latin_only: Path) -> None:
    with pytest.raises(FontError):
        Press(latin_only, system=False)
    with pytest.raises(FontError):
        Press(None, system=False)


def test_a_fonts_dir_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(FontError, match="absent is not a folder"):
        faces(tmp_path / "absent")


def test_a_fonts_dir_alone_is_enough(tmp_path: Path) -> None:
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "noto.ttc").symlink_to(program(NOTO))

    assert faces(tmp_path, system=False).fang[0] == "Noto Serif CJK SC"


def test_debian_fonts_print_rare_names_and_take_the_mainland_forms() -> None:
    program(NOTO)
    found = case(None)

    assert found.printable >= set(map(ord, "垚喆堃昇赟璟翀〔〕《》①≥"))
    assert found.faces.fang[0] == "Noto Serif CJK SC"
    assert found.faces.hei[0] == "Noto Sans CJK SC"
    assert not any(name.endswith((" JP", " KR", " TC", " HK")) for name in found.faces.song)


OFFICE = ("FZXiaoBiaoSong-B05S", "FangSong_GB2312", "KaiTi_GB2312", "SimHei", "SimSun")
FANDOL = ("FandolFang R", "FandolHei", "FandolKai", "FandolSong")
DEBIAN = ("Noto Sans CJK SC", "Noto Serif CJK SC")


@pytest.mark.parametrize(
    ("families", "first"),
    [
        pytest.param(OFFICE + DEBIAN, OFFICE, id="fonts of an office"),
        pytest.param(
            FANDOL + DEBIAN,
            ("FandolSong", "FandolFang R", "FandolKai", "FandolHei", "FandolSong"),
            id="Fandol before Noto",
        ),
        pytest.param(
            DEBIAN,
            (*("Noto Serif CJK SC",) * 3, "Noto Sans CJK SC", "Noto Serif CJK SC"),
            id="Debian alone",
        ),
        pytest.param(("方正小标宋简体", "仿宋_GB2312", "楷体_GB2312", "黑体", "宋体"),
                     ("方正小标宋简体", "仿宋_GB2312", "楷体_GB2312", "黑体", "宋体"), id="Chinese names"),
        pytest.param(("AR PL UMing CN",), ("AR PL UMing CN",) * 5, id="one font for all"),
    ],
)  # fmt: skip
def test_each_role_takes_its_own_face_first(families: tuple[str, ...], first: tuple[str, ...]) -> None:
    ordered = order(families)

    assert (ordered.title[0], ordered.fang[0], ordered.kai[0], ordered.hei[0], ordered.song[0]) == first


def test_what_the_first_face_lacks_is_looked_for_in_every_other() -> None:
    ordered = order(FANDOL + DEBIAN)

    for role in (ordered.song, ordered.fang, ordered.kai, ordered.hei, ordered.title):
        assert set(role) == set(FANDOL + DEBIAN)
    assert ordered.fang.index("Noto Serif CJK SC") < ordered.fang.index("FandolHei")


@pytest.mark.parametrize(("path", "index"), [(NOTO, SIMPLIFIED), (DEJAVU, 0)], ids=["collection", "one font"])
def test_characters_are_those_that_fontconfig_finds(path: str, index: int) -> None:
    command = [program(FC_QUERY), "--index", str(index), "--format", "%{charset}", program(path)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True, timeout=30).stdout
    spans = [[int(end, 16) for end in span.split("-")] for span in answer.split()]
    expected = {code for span in spans for code in range(span[0], span[-1] + 1)}
    found = characters(Path(path), index)

    assert expected <= found
    assert len(found - expected) < 100  # blanks, which fontconfig does not count


def test_a_map_by_segments_leaves_out_what_has_no_glyph() -> None:
    # Segments: A..C by delta (glyph = code - 64); 一..三 by the glyph array (5, 0, 6); the end mark 0xFFFF.
    lasts, firsts = (67, 0x4E02, 0xFFFF), (65, 0x4E00, 0xFFFF)
    deltas, offsets = (0x10000 - 64, 0, 1), (0, 4, 0)  # offset: 4 bytes from its own place to the array
    table = struct.pack(">7H", 4, 0, 0, 6, 0, 0, 0) + struct.pack(
        ">3HH3H3H3H", *lasts, 0, *firsts, *deltas, *offsets
    )
    table += struct.pack(">3H", 5, 0, 6)

    assert set(mapped(table)) == {65, 66, 67, 0x4E00, 0x4E02}


@pytest.mark.parametrize("content", [b"", b"ttcf", b"OTTO\0\1\0\0\0\0\0\0", b"\0\1\0\0" + b"\xff" * 60])
def test_a_broken_font_prints_nothing_and_breaks_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "broken.otf").write_bytes(content)

    assert characters(tmp_path / "broken.otf", 0) == frozenset()
    assert characters(tmp_path / "absent.otf", 0) == frozenset()
