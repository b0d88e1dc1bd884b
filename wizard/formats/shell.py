"""Parses a bash script into commands, their words and their output to other commands.

Nothing is run. Expansions that only a running shell knows, such as environment variables, are kept
in the text after the character `UNKNOWN`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from typing import Final, TypeAlias

from wizard.errors import Unreadable
from wizard.formats.text import error_at

UNKNOWN: Final = "\ufdd0"


@dataclass(slots=True)
class File:
    """A file that a command prints or reads."""

    name: str


@dataclass(slots=True)
class Here:
    """A here-document, whose text is read after the line of its command."""

    text: str = ""


Printed: TypeAlias = "list[str | File | Here] | None"
"""The input or output of a command; None if it is unknown."""

Curl: TypeAlias = Callable[[list[str], Printed], None]


def run(text: str, name: str, read: Callable[[str], bytes], curl: Curl) -> None:
    """Call `curl` with the words and input of each curl command.

    `read` reads a file. Raises Unreadable for an unclosed quote.
    """
    _Shell(text, name, read, curl).all()


def program_of(word: str) -> str:
    """Return the name of a program without its folder and `.exe`."""
    return re.split(r"[/\\]", word)[-1].lower().removesuffix(".exe")


def words(text: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(text.split())


# Shell keywords before a command, and programs that run another program.
KEYWORDS: Final = words("! $ % > do then else elif if while until time")
RUNNERS: Final = words(
    "sudo doas time env nice nohup exec command builtin xargs stdbuf timeout ionice setsid chronic "
    "strace caffeinate unbuffer torify torsocks proxychains proxychains4 winpty coproc watch "
    "busybox flock chrt taskset retry"
)
_PRINT_NOTHING: Final = words(
    ": true false set cd mkdir rm touch chmod sleep test [ [[ unset read source . trap shift"
)
_DECLARE: Final = words("export declare local readonly typeset")
ASSIGNED: Final = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)

_GAP: Final = re.compile(r"(?:[ \t\r]|\\\n)+|#[^\n]*")
_SIGN: Final = re.compile(r"\|\||\|&|&&|;;|[\n|&;()]")
_REDIRECT: Final = re.compile(r"<<<|<<-?|\d*<(?!\()|(?:\d*|&)>>?[|&]?")
_TO_FILE: Final = (">", "1>", ">|", ">>", "1>>", "&>", "&>>")
_PLAIN: Final = re.compile(r"[^\s'\"\\|&;<>()$`]+")
_IN_DOUBLE: Final = re.compile(r'[^"\\$`]+')
_IN_HERE: Final = re.compile(r"[^\\$`]+")
_VARIABLE: Final = re.compile(r"\$(?:(\w+)|\{(\w+)\}|\{[^{}]*\}|\(\([^()]*\)\)|[@*#?$!-])")
_BACKTICKS: Final = re.compile(r"`(?:[^`\\]|\\.)*+`", re.DOTALL)
_ANSI: Final = re.compile(r"\$'((?:[^'\\]|\\.)*+)'", re.DOTALL)


@dataclass(slots=True)
class _Word:
    text: str
    is_quoted: bool


class _Shell:
    def __init__(self, text: str, name: str, read: Callable[[str], bytes], curl: Curl) -> None:
        self._text, self._name, self._at = text.replace("\r\n", "\n"), name, 0
        self._read, self._curl = read, curl
        self._variables: dict[str, str] = {}
        self._waiting: list[tuple[Here, str, bool, bool]] = []

    def all(self) -> None:
        """Read the whole script."""
        while self._at < len(self._text):
            self.commands("", None)

    def commands(self, end: str, given: Printed) -> Printed:
        """Read commands up to a closing token and return their output."""
        printed, source = [], given
        is_known = True
        while True:
            output, token = self._command(source)
            if token in ("|", "|&"):
                source = output
                continue
            source = given
            is_known = is_known and output is not None
            printed += output or []
            if token in (end, ""):
                return printed if is_known else None

    def _command(self, given: Printed) -> tuple[Printed, str]:
        """Read one command and return its output and the token after it."""
        words: list[_Word] = []
        group: Printed = []
        is_redirected = False
        while True:
            if gap := _GAP.match(self._text, self._at):
                self._at = gap.end()
            elif redirect := _REDIRECT.match(self._text, self._at):
                self._at = redirect.end()
                if "<" in redirect[0]:
                    given = self._input(redirect[0])
                else:
                    self._next_word()
                    is_redirected = is_redirected or redirect[0] in _TO_FILE
            elif self._text.startswith("(", self._at):
                self._at += 1
                group = self.commands(")", given)
                words = []
            elif (sign := _SIGN.match(self._text, self._at)) or self._at >= len(self._text):
                end = sign[0] if sign else ""
                self._at += len(end)
                if end == "\n":
                    self._read_here()
                output = self._printed([word.text for word in words], given) if words else group
                return [] if is_redirected else output, end
            else:
                word = self._word()
                if word.text == "{" and not words:
                    group = self.commands("}", given)
                elif word.text == "}" and not words and group == []:
                    return [], "}"
                else:
                    words.append(word)

    def _input(self, sign: str) -> Printed:
        """Return the input after a redirection such as <."""
        word = self._next_word()
        if sign == "<<<":
            return [word.text + "\n"]
        if sign.startswith("<<"):
            here = Here()
            self._waiting.append((here, word.text, sign == "<<-", word.is_quoted))
            return [here]
        return [File(word.text)]

    def _next_word(self) -> _Word:
        if gap := _GAP.match(self._text, self._at):
            self._at = gap.end()
        return self._word()

    def _read_here(self) -> None:
        """Read the here-documents of the finished line."""
        for here, mark, is_indented, is_quoted in self._waiting:
            lines: list[str] = []
            while self._at < len(self._text):
                end = self._text.find("\n", self._at)
                end = len(self._text) if end < 0 else end
                line, self._at = self._text[self._at : end], end + 1
                line = line.lstrip("\t") if is_indented else line
                if line == mark:
                    break
                lines.append(line + "\n")
            here.text = "".join(lines)
            if not is_quoted:
                here.text = self._inside(here.text)
        self._waiting = []

    # Words

    def _word(self) -> _Word:
        """Read one word. Raises Unreadable for an unclosed quote."""
        start, parts, plain, is_quoted = self._at, [], "", False
        while self._at < len(self._text):
            sign = self._text[self._at]
            if found := _PLAIN.match(self._text, self._at):
                self._at = found.end()
                plain += found[0]
                parts.append(found[0])
                continue
            if sign == "$" and (found := _ANSI.match(self._text, self._at)):
                self._at, is_quoted = found.end(), True
                parts.append(unescaped(found[1]).partition("\0")[0])
            elif sign == "'":
                parts.append(self._closed("'"))
                is_quoted = True
            elif sign == '"' or self._text.startswith('$"', self._at):
                self._at += self._text.startswith("$", self._at)
                parts.append(self._double())
                is_quoted = True
            elif sign == "\\":
                is_quoted = True
                parts.append(self._text[self._at + 1 : self._at + 2].replace("\n", ""))
                self._at += 2
            elif sign in "$`":
                parts.append(self._expanded())
            else:
                break
        if self._at == start:
            self._at += 1  # a character without a meaning here
        text = "".join(parts)
        if "{" in plain and ("," in plain or ".." in plain):
            text = UNKNOWN + text  # bash expands it to several words
        return _Word(text, is_quoted)

    def _closed(self, quote: str) -> str:
        end = self._text.find(quote, self._at + 1)
        if end < 0:
            raise self._unclosed(self._at)
        start, self._at = self._at + 1, end + 1
        return self._text[start:end]

    def _double(self) -> str:
        start, parts = self._at, []
        self._at += 1
        while not self._text.startswith('"', self._at):
            if self._at >= len(self._text):
                raise self._unclosed(start)
            parts.append(self._quoted_part(_IN_DOUBLE, '$`"\\\n'))
        self._at += 1
        return "".join(parts)

    def _quoted_part(self, plain: re.Pattern[str], escaped: str) -> str:
        if found := plain.match(self._text, self._at):
            self._at = found.end()
            return found[0]
        if not self._text.startswith("\\", self._at):
            return self._expanded()
        following = self._text[self._at + 1 : self._at + 2]
        self._at += 2
        return following.replace("\n", "") if following in escaped else "\\" + following

    def _inside(self, text: str) -> str:
        """Expand the text of a here-document whose mark is unquoted."""
        inner = _Shell(text, self._name, self._read, self._curl)
        inner._variables = self._variables
        parts = []
        while inner._at < len(text):
            parts.append(inner._quoted_part(_IN_HERE, "$`\\\n"))
        return "".join(parts)

    def _expanded(self) -> str:
        """Return the expansion of a $ or a backtick."""
        if found := _VARIABLE.match(self._text, self._at):
            self._at = found.end()
            name = found[1] or found[2]
            return self._variables.get(name, UNKNOWN + found[0])
        if self._text.startswith("$(", self._at):
            return self._substituted()
        if found := _BACKTICKS.match(self._text, self._at):
            self._at = found.end()
            return UNKNOWN + found[0]
        self._at += 1
        return self._text[self._at - 1]

    def _substituted(self) -> str:
        """Return the output of the commands in $( ), without trailing newlines."""
        self._at += 2
        waiting, self._waiting = self._waiting, []
        printed = self.commands(")", None)
        self._waiting = waiting
        try:
            return text_of(printed, self._name, self._read).rstrip("\n")
        except Unreadable:
            return f"{UNKNOWN}$(…)"

    def _unclosed(self, at: int) -> Unreadable:
        return error_at(self._name, self._text, at, "this quote in the curl command is not closed")

    # Commands

    def _printed(self, words: list[str], given: Printed) -> Printed:
        while words and words[0] in KEYWORDS:
            words = words[1:]
        if words and words[0] in _DECLARE:
            words = [word for word in words[1:] if ASSIGNED.fullmatch(word)]
        assigned: dict[str, str] = {}
        while words and (found := ASSIGNED.fullmatch(words[0])):
            assigned[found[1]] = found[2]
            words = words[1:]
        if not words:
            self._variables.update(assigned)
            return []
        program, *rest = words
        if program_of(program) in RUNNERS:
            known = ("curl", "cat", "echo", "printf")
            at = next((n for n, word in enumerate(rest) if program_of(word) in known), None)
            return self._printed(rest[at:], given) if at is not None else None
        return self._run_program(program_of(program), rest, given)

    def _run_program(self, program: str, words: list[str], given: Printed) -> Printed:
        match program:
            case "curl":
                self._curl(words, given)
                return None
            case "cat":
                return _cat(words, given)
            case "echo":
                return _echo(words)
            case "printf":
                return _printf(words)
        return [] if program in _PRINT_NOTHING else None


def _cat(words: list[str], given: Printed) -> Printed:
    names = [word for word in words if word != "--"] or ["-"]
    if any(name.startswith("-") and name != "-" for name in names):
        return None
    parts = [given if name in ("-", "/dev/stdin") else [File(name)] for name in names]
    known = [part for part in parts if part is not None]
    return list(chain(*known)) if len(known) == len(parts) else None


def text_of(printed: Printed, name: str, read: Callable[[str], bytes]) -> str:
    """Return an output as text. Raises Unreadable if it is unknown."""
    if printed is None:
        reason = "this curl command reads its data from elsewhere; name the file that it reads"
        raise Unreadable(name, reason)
    return "".join(_text_of(part, read) for part in printed)


def _text_of(part: str | File | Here, read: Callable[[str], bytes]) -> str:
    match part:
        case File():
            return read(part.name).decode("utf-8", "surrogateescape")
        case Here():
            return part.text
    return part


def _echo(words: list[str]) -> Printed:
    if words[:1] == ["-n"]:
        return [" ".join(words[1:])]
    options = words and re.fullmatch("-[neE]+", words[0])
    return None if options else [" ".join(words) + "\n"]


def _printf(words: list[str]) -> Printed:
    """Return the output of printf, if its format has only text and %s."""
    if not words or words[0].startswith("-") or re.search("%(?![s%])", words[0]):
        return None
    form, values = unescaped(words[0]), words[1:]
    parts = re.split("%([s%])", form)
    printed, left = "", iter(values)
    slots = parts[1::2].count("s")
    for _ in range(max(1, -(-len(values) // slots) if slots else 1)):
        for text, kind in zip(parts[::2], [*parts[1::2], ""], strict=True):
            printed += text + (next(left, "") if kind == "s" else kind)
    return [printed]


# Escapes

_SIMPLE: Final = dict(zip("abeEfnrtv\\'\"?", "\a\b\x1b\x1b\f\n\r\t\v\\'\"?", strict=True))
_ESCAPE: Final = re.compile(
    r"\\(?:x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|([0-7]{1,3})|(.))", re.DOTALL
)
# A surrogate pair from two separate escapes.
_PAIR: Final = re.compile("[\ud800-\udbff][\udc00-\udfff]")


def unescaped(text: str) -> str:
    """Replace the escapes of $'…' and printf in a text, such as \\n and \\u00e9."""

    def one(escape: re.Match[str]) -> str:
        byte, short, long, octal, other = escape.groups()
        if short or long:
            return chr(min(int(short or long, 16), 0x10FFFF))
        if byte or octal:
            number = int(byte, 16) if byte else int(octal, 8) & 0xFF
            return chr(number if number < 0x80 else 0xDC00 + number)
        return _SIMPLE.get(other, escape[0])

    made = _ESCAPE.sub(one, text)
    made = _PAIR.sub(lambda pair: pair[0].encode("utf-16", "surrogatepass").decode("utf-16"), made)
    try:
        return made.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return made
