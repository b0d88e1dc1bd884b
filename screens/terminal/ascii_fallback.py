"""The signs that the screens draw, and their replacements on ASCII terminals."""

import unicodedata

from rich.cells import cell_len

# One cell each, distinguishable without colour.
_ASCII = {
    # States and choices
    "✓": "+",
    "✗": "x",
    "◐": "~",
    "○": "o",
    "●": "*",
    "■": "#",
    "□": "_",
    "▸": ">",
    "▾": "v",
    "◆": "*",
    # Arrows and marks
    "‹": "<",
    "›": ">",
    "←": "<",
    "→": ">",
    "↑": "^",
    "↓": "v",
    "▲": "^",
    "▼": "v",
    "▶": ">",
    "⏎": "<",
    "⌫": "<",
    "␣": "_",
    "…": ".",
    "·": "-",
    "•": "*",
    "–": "-",
    "—": "-",
    "×": "x",
    "≠": "!",
    "△": "!",
    "↕": "|",
    # Sources of values
    "✎": "/",
    "▤": "#",
    "↧": "v",
    "◇": "=",
    "♪": "&",
    "∴": ":",
    "‘": "'",
    "’": "'",
    "“": '"',
    "”": '"',
    "\xa0": " ",
    # Lines and corners
    **dict.fromkeys("─━═⎯╌┄╍┅", "-"),
    **dict.fromkeys("│┃║▏▎▍▌▐▕╎┆▊▋▉", "|"),
    **dict.fromkeys("╭╮╰╯┌┐└┘┏┓┗┛╔╗╚╝├┤┬┴┼", "+"),
    **dict.fromkeys("▁▂▃▄", "_"),
    **dict.fromkeys("▔▀", "-"),
    **dict.fromkeys("▅▆▇█▖▗▘▝▙▛▜▟▚▞", "#"),
}


class _Ascii(dict[int, str]):
    """A table for `str.translate` with a replacement of the same width for every character."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if character.isascii():
            return character
        plain = unicodedata.normalize("NFKD", character)[0]
        width = cell_len(character)
        self[code] = shown = plain if plain.isascii() and width == 1 else "?" * width
        return shown


_TABLE = _Ascii({ord(sign): plain for sign, plain in _ASCII.items()})


def as_ascii(text: str) -> str:
    """Return a text in ASCII, of the same width; a sign without a replacement becomes `?`."""
    return text if text.isascii() else text.translate(_TABLE)
