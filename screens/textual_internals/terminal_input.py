"""Reads the terminal's input: keys, pastes, the mouse, and replies to queries.

Textual types the characters of an unknown sequence, so a late reply of the terminal ends up in the
focused field, and it types the letter of a key with Alt. Its decoder and its parser raise on bytes
that are not UTF-8 and on key reports without a character.
"""

import re
import sys
from codecs import getincrementaldecoder
from collections.abc import Iterable, Iterator
from time import monotonic
from typing import Any, Final

from textual import constants, events, messages
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._keyboard_protocol import FUNCTIONAL_KEYS
from textual._xterm_parser import XTermParser
from textual.driver import Driver
from textual.keys import Keys
from textual.message import Message

# A sequence that is not complete after this time, in seconds, was cut off.
_CUT_OFF_SECONDS: Final = 1.0
# The most characters of a sequence.
_LONGEST: Final = 100_000
_PASTE, _PASTE_END = "\x1b[200~", "\x1b[201~"

# A complete sequence. In this order: a function key of the Linux console, a mouse report in the
# oldest form, a key of rxvt, a control sequence, a function key, a string (OSC, DCS, PM, APC, SOS),
# a key with Alt.
_SEQUENCE: Final = re.compile(
    r"\x1b(?:\[\[[A-E]|\[M[^\x1b]{3}|\[\d+\$|\[(?![M[])[ -?]*[@-~]|O[0-9;]*[A-Za-z]"
    r"|[]P^_X][^\x00-\x1f]*(?:\x07|\x1b\\)|[^][OP^_X\x1b])",
    re.DOTALL,
)
_BEGUN: Final = re.compile(
    r"\x1b(?:\[(?:\[|M[^\x1b]{0,2}|[ -?]*)|O[0-9;]*|[]P^_X][^\x00-\x1f]*(?:\x1b\Z)?)?"
)
# The beginning of a reply. No user presses these keys within a moment.
_REPLY: Final = re.compile(r"\x1b(?:\[[0-?M]|\]\d|P[0-9;]*[!$+=>|])")

_MOUSE: Final = re.compile(r"\x1b\[<\d{1,6};-?\d{1,6};-?\d{1,6}[Mm]")
_MODE: Final = re.compile(r"\x1b\[\?(\d{1,6});(\d)\$y")
_SIZE: Final = re.compile(r"\x1b\[48" + r";(\d{1,6})(?::\d*)*" * 4 + "t")
# A key report: the code, the modifiers, the event, the text.
_KEY: Final = re.compile(
    r"\x1b\[(\d*)(?::[\d:]*)?(?:;(\d{0,3})(?::(\d*))?(?:;([\d:]*))?)?([u~ABCDEFHPQS])"
)
_OTHER_KEY: Final = re.compile(r"\x1b\[27;(\d{1,3});(\d{1,7})~")
_RELEASED: Final = "3"


def read_all(driver: type[Driver]) -> None:
    """Have a driver read with `TerminalInput`, which decodes the bytes itself.

    A driver finds its parser and its decoder by their names in its module.
    """
    module: Any = sys.modules[driver.__module__]
    if hasattr(module, "XTermParser") and hasattr(module, "getincrementaldecoder"):
        module.XTermParser = TerminalInput
        module.getincrementaldecoder = lambda _: getincrementaldecoder("latin-1")


class TerminalInput(XTermParser):
    """Makes events of bytes, each given as the Latin-1 character of its number."""

    def __init__(self, debug: bool = False) -> None:
        super().__init__(debug)
        self._decoder = getincrementaldecoder("utf-8")("replace")
        # Input that is not an event yet; the parts of a paste, None outside of one.
        self._text = ""
        self._paste: list[str] | None = None
        self._last = 0.0

    def feed(self, data: str) -> Iterable[Message]:
        """Return the events of the input. A sequence or character may continue in the next read."""
        self._last = monotonic()
        self._text += self._decoder.decode(data.encode("latin-1"))
        return self._events()

    def tick(self) -> Iterable[Message]:
        """Return the events of sequences that were cut off."""
        quiet = monotonic() - self._last
        if quiet > _CUT_OFF_SECONDS:
            self._text += self._decoder.decode(b"", final=True)
        is_key = len(self._text) <= len("\x1b[")
        is_cut_off = quiet > (constants.ESCAPE_DELAY if is_key else _CUT_OFF_SECONDS)
        return self._events(is_cut_off=is_cut_off) if self._text and is_cut_off else ()

    def _events(self, *, is_cut_off: bool = False) -> Iterator[Message]:
        while self._text:
            if self._paste is not None:
                if (event := self._end_of_paste(self._paste)) is None:
                    return
                yield event
                continue
            plain, escape, rest = self._text.partition("\x1b")
            self._text = escape + rest
            for character in plain:
                yield from self._keys(character)
            if not escape:
                return
            if complete := _SEQUENCE.match(self._text):
                self._text = self._text[complete.end() :]
                yield from self._of_sequence(complete[0])
                continue
            begun = self._text[: _BEGUN.match(self._text).end()]  # type: ignore[union-attr]
            if begun == self._text and not is_cut_off and len(begun) < _LONGEST:
                return
            self._text = self._text[len(begun) :]
            yield from self._of_cut_off(begun)

    def _end_of_paste(self, parts: list[str]) -> events.Paste | None:
        """The paste, if its end was read."""
        text, end, rest = self._text.partition(_PASTE_END)
        if not end:
            # The end itself may be split over two reads.
            at = max(0, len(text) - len(_PASTE_END) + 1)
            parts.append(text[:at])
            self._text = text[at:]
            return None
        self._text, self._paste = rest, None
        return events.Paste("".join([*parts, text]).replace("\x00", ""))

    def _of_cut_off(self, begun: str) -> Iterator[Message]:
        """A lone ESC is a key, and so is Alt with a key that begins a sequence."""
        if begun == "\x1b":
            yield events.Key("escape", "\x1b")
        elif not _REPLY.match(begun):
            yield from self._keys(begun[1], alt=True)
            for character in begun[2:].rstrip("\x1b"):
                yield from self._keys(character)

    def _of_sequence(self, sequence: str) -> Iterator[Message]:
        if sequence == _PASTE:
            self._paste = []
        elif sequence in ("\x1b[I", "\x1b[O"):
            yield events.AppFocus() if sequence == "\x1b[I" else events.AppBlur()
        elif _MOUSE.fullmatch(sequence):
            event = self.parse_mouse_code(sequence)
            if event is not None:
                yield event
        elif mode := _MODE.fullmatch(sequence):
            yield from _of_mode(mode[1], int(mode[2]))
        elif size := _SIZE.fullmatch(sequence):
            height, width, pixel_height, pixel_width = map(int, size.groups())
            resized = events.Resize.from_dimensions((width, height), (pixel_width, pixel_height))
            self.terminal_size, self.terminal_pixel_size = resized.size, resized.pixel_size
            self.mouse_pixels = True
            yield resized
        elif len(sequence) == 2 and not isinstance(ANSI_SEQUENCES_KEYS.get(sequence), tuple):
            yield from self._keys(sequence[1], alt=True)
        elif known := _known_key(sequence):
            yield from self._keys(known)

    def _keys(self, sequence: str, *, alt: bool = False) -> Iterator[Message]:
        for key in self._sequence_to_key_events(sequence, alt=alt):
            if key.key != Keys.Ignore:
                yield _with_alt(key) if alt and key.is_printable else key


def _with_alt(key: events.Key) -> events.Key:
    """A key with Alt: no character, else what has the focus would take it for typed text."""
    return events.Key(f"alt+{key.key.removeprefix('alt+')}", None)


def _of_mode(mode: str, setting: int) -> Iterator[Message]:
    """The events of a mode report that Textual asked for."""
    if mode == "2026" and setting:
        yield messages.TerminalSupportsSynchronizedOutput()
    elif mode == "2048" and constants.SMOOTH_SCROLL:
        yield messages.InBandWindowResize.from_setting_parameter(setting)


def _known_key(sequence: str) -> str:
    """A key's sequence in a form that Textual reads; empty for a release and for anything else."""
    if sequence in ANSI_SEQUENCES_KEYS:
        return sequence
    if other := _OTHER_KEY.fullmatch(sequence):
        sequence = f"\x1b[{other[2]};{other[1]}u"
    report = _KEY.fullmatch(sequence)
    if not report:
        return ""
    code, held, event, text, end = (part or "" for part in report.groups())
    # Without a code it is that of the first key.
    is_named = f"{code or 1}{end}" in FUNCTIONAL_KEYS
    possible = all(map(_is_character, [code, *text.split(":")])) and (is_named or end == "u")
    # A key without a character has a code for private use.
    if event == _RELEASED or not possible or (not is_named and 0xE000 <= int(code or 1) < 0xF900):
        return ""
    return f"\x1b[{code};{held};{text}{end}" if text else f"\x1b[{code};{held}{end}"


def _is_character(code: str) -> bool:
    """Whether a number, or nothing, is that of a Unicode character."""
    if len(code) > len(str(sys.maxunicode)):
        return False
    number = int(code or 0)
    return number <= sys.maxunicode and not 0xD800 <= number < 0xE000
