"""The character grid that a bill is printed on.

Widths are terminal cells: a Chinese character or an emoji takes two, an accent on a letter none.
"""

import unicodedata
from collections.abc import Iterator, Sequence

WIDTH = 32
"""Cells in a line of ordinary text."""
WIDTHS = {"Body": WIDTH, "Header2": 24, "Header1": 16}
"""By the size of the text. Dojo publishes no numbers: these are ours."""

_NARROWEST = 8  # a name beside its amount needs at least this many cells, else it gets its own line
_JOINER, _EMOJI_STYLE = "\u200d", "\ufe0f"
_NON_JOINER = "\u200c"
_TAGS = ("\U000e0020", "\U000e007f")  # they spell the flags of England, Scotland and Wales
_FLAG_LETTERS = ("\U0001f1e6", "\U0001f1ff")
_SKIN_TONES = ("\U0001f3fb", "\U0001f3ff")
_HANGUL_TAILS = ("\u1160", "\u11ff")  # vowels and finals, drawn inside the syllable before them
_KEYCAPS = "0123456789#*"


def cells(text: str) -> int:
    """The width of `text` in cells."""
    if text.isascii() and text.isprintable():
        return len(text)
    return sum(width for _, width in _glyphs(text))


def cleaned(text: str) -> str:
    """One line of text: white space becomes one space, invisible characters are removed."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    visible = (letter for letter in unicodedata.normalize("NFC", text) if not _is_invisible(letter))
    return " ".join("".join(visible).split())


def wrapped(text: str, width: int) -> list[str]:
    """Wrap `text` to lines of at most `width` cells, between words where possible.

    Answers at least one line. `width` must be at least two cells, the widest character.
    """
    lines = [""]
    for word in cleaned(text).split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if cells(longer) <= width:
            lines[-1] = longer
        elif lines[-1]:
            lines += _pieces(word, width)
        else:
            lines[-1:] = _pieces(word, width)
    return lines


def columns(name: str, amount: str, *, lead: str = "", width: int = WIDTH) -> list[str]:
    """A name at the left and its amount at the right end of the first line.

    A long name continues below, indented by the width of `lead`. An amount is never cut: if it leaves too
    little room for the name, it gets a line of its own.
    """
    beside = width - cells(amount) - (1 if amount else 0)
    is_alone = beside - cells(lead) < _NARROWEST
    names = wrapped(name, (width if is_alone else beside) - cells(lead))
    hanging = " " * cells(lead)
    lines = [f"{hanging if index else lead}{part}" for index, part in enumerate(names)]
    if is_alone:
        return [*lines, right(amount, width)]
    if amount:
        lines[0] += right(amount, width - cells(lines[0]))
    return lines


def table(rows: Sequence[Sequence[str]], width: int = WIDTH) -> list[str]:
    """The first column left-aligned, the others right-aligned, the last one up to the end of the line.

    Answers no lines if the columns do not fit beside one another.
    """
    sizes = [max(map(cells, column)) for column in zip(*rows, strict=True)]
    gap, rest = divmod(width - sum(sizes), len(sizes) - 1)
    if gap < 1:
        return []
    return [
        left(row[0], sizes[0] + rest)
        + "".join(right(cell, gap + size) for cell, size in zip(row[1:], sizes[1:], strict=True))
        for row in rows
    ]


def centered(text: str, width: int = WIDTH) -> str:
    """Centered, without trailing spaces."""
    return " " * ((width - cells(text)) // 2) + text


def left(text: str, width: int = WIDTH) -> str:
    """Left-aligned, filled with spaces."""
    return text + " " * (width - cells(text))


def right(text: str, width: int = WIDTH) -> str:
    return " " * (width - cells(text)) + text


def _is_invisible(letter: str) -> bool:
    """Control characters, direction marks and lone surrogates; not white space."""
    if letter in (_JOINER, _NON_JOINER) or _is_within(letter, _TAGS) or letter.isspace():
        return False
    return unicodedata.category(letter) in ("Cc", "Cf", "Cs")


def _pieces(word: str, width: int) -> list[str]:
    """Cut a word where necessary, never within what is drawn as one character."""
    pieces, room = [""], width
    for glyph, glyph_width in _glyphs(word):
        if glyph_width > room:
            pieces.append("")
            room = width
        pieces[-1] += glyph
        room -= glyph_width
    return pieces


def _glyphs(text: str) -> Iterator[tuple[str, int]]:
    """Characters that are drawn as one, with their width: a letter and its accents, a flag, an emoji."""
    glyph, width = "", 0
    for letter in text:
        if glyph and _continues(glyph, letter):
            width = _widened(glyph, width, letter)
            glyph += letter
            continue
        if glyph:
            yield glyph, width
        glyph, width = letter, _width(letter)
    if glyph:
        yield glyph, width


def _continues(glyph: str, letter: str) -> bool:
    if glyph[-1] == _JOINER:
        return _width(letter) == 2 or unicodedata.category(letter) == "So"
    if _is_within(letter, _FLAG_LETTERS):
        return len(glyph) == 1 and _is_within(glyph, _FLAG_LETTERS)
    if _is_within(letter, _SKIN_TONES):
        return _width(glyph[0]) == 2 or glyph[-1] == _EMOJI_STYLE
    return _width(letter) == 0 or unicodedata.category(letter) == "Mc"


def _widened(glyph: str, width: int, letter: str) -> int:
    if letter == _EMOJI_STYLE and len(glyph) == 1 and _has_emoji_style(glyph):
        return 2
    if glyph[-1] == _JOINER or _is_within(letter, _SKIN_TONES):
        return max(width, 2)
    return width + _width(letter)


def _has_emoji_style(letter: str) -> bool:
    return letter in _KEYCAPS or unicodedata.category(letter) in ("So", "Sm")


def _width(letter: str) -> int:
    if unicodedata.category(letter) in ("Mn", "Me", "Cf") or _is_within(letter, _HANGUL_TAILS):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def _is_within(letter: str, ends: tuple[str, str]) -> bool:
    return ends[0] <= letter <= ends[1]
