"""Writes and reads lines: wrapped to the terminal, only text, with secrets unseen."""

import io
import re
import textwrap
from collections import deque
from collections.abc import Callable, Iterable
from typing import BinaryIO, Final, TextIO

# A terminal silently drops the bytes of a line beyond these (Linux, N_TTY_BUF_SIZE).
_LONGEST_LINE: Final = 4095
# The least width that text is wrapped to: narrower columns of single words are unreadable.
_NARROWEST: Final = 20
# Signs that a screen reader speaks or skips, and their replacements.
_SIGNS: Final = {" · ": ", ", "…": " ...", "“": '"', "”": '"', "→": "to", "‹": "", "›": ""}

# Characters that a terminal sends for keys that are no letters, such as arrows.
_NO_TEXT: Final = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
# Shown in place of a secret.
_DOTS: Final = re.compile("•+")


class EndOfInput(Exception):
    """The input ended."""


class InvalidLine(Exception):
    """A line is not valid and nobody can correct it, as later lines answer other questions."""


class Console:
    """Writes sentences and reads lines.

    `columns` is the width to wrap to, None for no wrapping. `shown` escapes control characters.
    `unseen` reads a line without echo after its prompt; None without a terminal. `edited` reads a
    line that can be edited as it is typed, or several lines if they are pasted; None where that
    does not work. `stops` is whether an invalid line ends the input, because nobody sees the
    question again. `lines_read` is the number of lines that were read.
    """

    def __init__(
        self,
        lines: BinaryIO,
        out: TextIO,
        *,
        columns: int | None = None,
        shown: Callable[[str], str] = str,
        unseen: Callable[[str], str] | None = None,
        edited: Callable[[str], str] | None = None,
        encoding: str = "utf-8",
        stops: bool = False,
    ) -> None:
        self._lines = lines
        self._out = out
        self._columns = columns and max(columns - 1, _NARROWEST)
        self._shown = shown
        self._unseen = unseen
        self._edited = edited
        # The lines of a paste that were not read yet.
        self._pasted: deque[str] = deque()
        self._encoding = encoding
        self._stops = stops
        self._passed_over: str | None = None
        self.lines_read = 0

    @property
    def has_terminal(self) -> bool:
        """Whether a person types at a terminal."""
        return self._unseen is not None

    def say(self, *sentences: str) -> None:
        """Write sentences as one paragraph; without any, an empty line."""
        text = " ".join(filter(None, sentences))
        if sentences and not text:
            return
        for line in read_aloud(text).split("\n"):
            self._write(line)

    def say_all(self, paragraphs: Iterable[str]) -> None:
        """Write paragraphs, one after another."""
        for paragraph in paragraphs:
            self.say(paragraph)

    def say_apart(self, *sentences: str) -> None:
        """Write sentences as one paragraph behind an empty line."""
        self.say()
        self.say(*sentences)

    def refuse(self, *sentences: str) -> None:
        """Say why the last line is not valid.

        Raises InvalidLine if nobody sees the question again.
        """
        self.say(*sentences)
        if self._stops:
            raise InvalidLine(" ".join(" ".join(filter(None, sentences)).split("\n")))

    def flush(self) -> None:
        """Flush the output; raises OSError if it is closed."""
        self._out.flush()

    def mute(self) -> None:
        """Write nothing more."""
        self._out = io.StringIO()

    def pass_over(self, line: str) -> None:
        """Pass over the next line if it is this one."""
        self._passed_over = line

    def copy(self, text: str) -> None:
        """Write a text line by line, unwrapped."""
        for line in text.split("\n"):
            print(self._shown(line), file=self._out)

    def read(self, prompt: str = "", *, several: bool = False) -> str:
        """Return the next line without its end; raises EndOfInput.

        A line that cannot be read is reported, and the next one is read. `several` is whether the
        lines of a paste are read one after another.
        """
        while True:
            if self._pasted:
                return self._pasted.popleft()
            try:
                lines = self._type(self._edited, prompt) if self._edited else self._next(prompt)
            except UnicodeError:
                self._refuse_bytes()
                continue
            if lines is None:
                continue
            if self.has_terminal and _NO_TEXT.search(lines):
                self.refuse("This line has keys or signs that are no text, so it was not used.")
                continue
            line, *rest = lines.split("\n")
            if rest and not several:
                self.refuse("Several lines were pasted, and this takes one, so none was used.")
                continue
            self._pasted.extend(rest)
            passed_over, self._passed_over = self._passed_over, None
            if line != passed_over:
                return line

    def _type(self, edited: Callable[[str], str], prompt: str) -> str:
        """Read what a person types and can edit; raises EndOfInput and UnicodeError."""
        *above, last = self._folded(prompt)
        for text in above:
            print(text, file=self._out)
        self._out.flush()
        try:
            lines = edited(f"{last} " if prompt else "")
        except EOFError:
            raise EndOfInput from None
        lines.encode(self._encoding)  # bytes that are no text come in as surrogates
        self.lines_read += 1
        return lines.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n")

    def _next(self, prompt: str) -> str | None:
        """Read a line; None if the terminal cut it. Raises EndOfInput and UnicodeError."""
        self._prompt(prompt)
        raw = self._lines.readline()
        if not raw:
            self._out.flush()
            raise EndOfInput
        self.lines_read += 1
        if self.has_terminal and len(raw) >= _LONGEST_LINE:
            self.say(
                f"A terminal passes on at most {_LONGEST_LINE:,} bytes of a line, so this line "
                "was cut and not used. Save the text in a file. Answer with @ and its name."
            )
            return None
        return raw.decode(self._encoding).removesuffix("\n").removesuffix("\r")

    def read_secret(self, prompt: str) -> str:
        """The next line, with echo off at a terminal; EndOfInput."""
        if self._unseen is None:
            return self.read(prompt)
        self._out.flush()
        while True:
            try:
                line = self._unseen(f"{prompt} ")
            except EOFError:
                raise EndOfInput from None
            except UnicodeDecodeError:
                self._refuse_bytes()
            else:
                self.lines_read += 1
                return line

    def _refuse_bytes(self) -> None:
        self.refuse(f"This line is not {self._encoding} text, so it was not used.")

    def _prompt(self, prompt: str) -> None:
        # In a pipe there is no echo that would end the line.
        *above, last = self._folded(prompt)
        for line in above:
            print(line, file=self._out)
        if prompt:
            print(last, end=" " if self.has_terminal else "\n", file=self._out)
        self._out.flush()

    def _write(self, line: str) -> None:
        for part in self._folded(line):
            print(part, file=self._out)

    def _folded(self, line: str) -> list[str]:
        """A line as the lines of a terminal; words are never cut."""
        line = self._shown(line)
        if self._columns is None:
            return [line]
        width = self._columns
        folded = textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False)
        return folded or [""]


def read_aloud(text: str) -> str:
    """A text in which words and full stops replace signs that read badly aloud."""
    for sign, word in _SIGNS.items():
        text = text.replace(sign, word)
    return _DOTS.sub("hidden", text)
