"""Parses a bash script into commands, their words and their output to other commands.

Nothing is run. Expansions that only a running shell knows, such as environment variables, are kept
in the text after the character `UNKNOWN`.
"""

import re
from collections.abc import Callable, Iterator
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

Curl: TypeAlias = Callable[[list[str], Printed, dict[str, Printed]], None]


def run(text: str, name: str, read: Callable[[str], bytes], curl: Curl) -> None:
    """Call `curl` with the words and input of each curl command, and the files written so far.

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
SHELLS: Final = words("bash sh zsh dash ksh")
_PRINT_NOTHING: Final = words(
    ": true false set cd mkdir rm touch chmod sleep test [ [[ unset read source . trap shift"
)
_DECLARE: Final = words("export declare local readonly typeset")
ASSIGNED: Final = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)

_GAP: Final = re.compile(r"(?:[ \t\r]|\\\n)+|#[^\n]*")
_SIGN: Final = re.compile(r"\|\||\|&|&&|;;|[\n|&;()]")
_REDIRECT: Final = re.compile(r"<<<|<<-?|\d*<(?!\()|(?:\d*|&)>>?[|&]?")
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
        self._files: dict[str, Printed] = {}
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
        target = ""
        while True:
            if gap := _GAP.match(self._text, self._at):
                self._at = gap.end()
            elif redirect := _REDIRECT.match(self._text, self._at):
                self._at = redirect.end()
                given, target = self._redirected(redirect[0], given, target)
            elif self._text.startswith("(", self._at):
                self._at += 1
                group = self.commands(")", given)
                words = []
            elif sign := _SIGN.match(self._text, self._at):
                self._at = sign.end()
                if sign[0] == "\n":
                    self._read_here()
                return self._finish(words, given, group, target), sign[0]
            elif self._at >= len(self._text):
                return self._finish(words, given, group, target), ""
            else:
                word = self._word()
                if word.text == "{" and not words:
                    group = self.commands("}", given)
                elif word.text == "}" and not words and group == []:
                    return [], "}"
                else:
                    words.append(word)

    def _redirected(self, sign: str, given: Printed, target: str) -> tuple[Printed, str]:
        """Return the input and the output file after a redirection such as < or >."""
        if gap := _GAP.match(self._text, self._at):
            self._at = gap.end()
        word = self._word()
        if sign == "<<<":
            return [word.text + "\n"], target
        if sign.startswith("<<"):
            here = Here()
            self._waiting.append((here, word.text, sign == "<<-", word.is_quoted))
            return [here], target
        if sign == "<":
            return self._file(word.text), target
        if sign in (">", "1>", ">|"):
            return given, word.text
        return (given, word.text + UNKNOWN) if sign in (">>", "1>>") else (given, target)

    def _file(self, name: str) -> Printed:
        return self._files[name] if name in self._files else [File(name)]

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
                parts.append(unescaped(found[1], "ansi").partition("\0")[0])
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
        inner._variables, inner._files = self._variables, self._files
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

    def _finish(
        self, given_words: list[_Word], given: Printed, group: Printed, target: str
    ) -> Printed:
        """Return the output of a command, if known, and report a curl command."""
        words = [word.text for word in given_words]
        printed = self._printed(words, given) if words else group
        if not target:
            return printed
        name = target.removesuffix(UNKNOWN)
        before: Printed = []
        if name != target:
            before = self._file(name)
        self._files[name] = None if printed is None or before is None else [*before, *printed]
        return []

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
            known = ("curl", "cat", "echo", "printf", *SHELLS)
            at = next((n for n, word in enumerate(rest) if program_of(word) in known), None)
            return self._printed(rest[at:], given) if at is not None else None
        return self._run_program(program_of(program), rest, given)

    def _run_program(self, program: str, words: list[str], given: Printed) -> Printed:
        match program:
            case "curl":
                self._curl(words, given, dict(self._files))
                return None
            case "cat":
                return self._cat(words, given)
            case "echo":
                return _echo(words)
            case "printf":
                return _printf(words)
            case _ if program in SHELLS and "-c" in words[:-1]:
                script = words[words.index("-c") + 1]
                return _Shell(script, self._name, self._read, self._curl).commands("", given)
        return [] if program in _PRINT_NOTHING else None

    def _cat(self, words: list[str], given: Printed) -> Printed:
        if any(word.startswith("-") and word not in ("-", "--") for word in words):
            return None
        names = [word for word in words if word != "--"] or ["-"]
        parts = [given if name in ("-", "/dev/stdin") else self._file(name) for name in names]
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
    options = ""
    while words and re.fullmatch("-[neE]+", words[0]):
        options += words[0]
        words = words[1:]
    text = " ".join(words)
    last_of_e = max(options.rfind("e"), -1) > options.rfind("E")
    if last_of_e:
        text, stop, _ = unescaped(text, "echo").partition(_STOP)
        options += "n" if stop else ""
    return [text if "n" in options else text + "\n"]


_FORMATTED: Final = re.compile("%(.)?", re.DOTALL)


def _printf(words: list[str]) -> Printed:
    if words and words[0] == "--":
        words = words[1:]
    if not words or words[0].startswith("-v"):
        return None
    form, values, made = words[0], iter(words[1:]), ""
    if any(found[1] not in ("s", "b", "d", "i", "%") for found in _FORMATTED.finditer(form)):
        return None
    if re.search("%[di]", form) and not all(re.fullmatch("0|-?[1-9][0-9]*", v) for v in words[1:]):
        return None
    left = len(words) - 1
    used = sum(found[1] != "%" for found in _FORMATTED.finditer(form))
    while True:
        made += _formatted(form, values)
        left -= used
        if not used or left <= 0:
            return [made.partition(_STOP)[0]]


def _formatted(form: str, values: Iterator[str]) -> str:
    parts, at = [], 0
    for found in _FORMATTED.finditer(form):
        parts.append(unescaped(form[at : found.start()], "printf"))
        at = found.end()
        if found[1] == "%":
            parts.append("%")
        else:
            value = next(values, "" if found[1] in "sb" else "0")
            parts.append(unescaped(value, "%b") if found[1] == "b" else value)
    return "".join([*parts, unescaped(form[at:], "printf")])


# Escapes

_STOP: Final = "\ufdd1"  # \c of echo and %b, which ends the output
_SIMPLE: Final = dict(zip("abeEfnrtv\\", "\a\b\x1b\x1b\f\n\r\t\v\\", strict=True))
_CODES: Final = r"x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})"
_ESCAPES: Final = {
    kind: re.compile(rf"\\(?:{_CODES}|({octal})|(c.?)|(.))", re.DOTALL)
    for kind, octal in {
        "ansi": "[0-7]{1,3}",
        "printf": "[0-7]{1,3}",
        "echo": "0[0-7]{0,3}",
        "%b": "0?[0-7]{1,3}|0",
    }.items()
}
# A surrogate pair from two separate escapes.
_PAIR: Final = re.compile("[\ud800-\udbff][\udc00-\udfff]")


def unescaped(text: str, kind: str) -> str:
    """Replace the escapes of $'…' ("ansi"), echo -e, printf or its %b in a text."""

    def one(escape: re.Match[str]) -> str:
        byte, short, long, octal, control, other = escape.groups()
        if short or long:
            return chr(min(int(short or long, 16), 0x10FFFF))
        if byte or octal:
            number = int(byte, 16) if byte else int(octal, 8) & 0xFF
            return chr(number if number < 0x80 else 0xDC00 + number)
        if control:
            if kind in ("echo", "%b"):
                return _STOP
            is_control = kind == "ansi" and control != "c"
            return chr(ord(control[1]) & 0x1F) if is_control else escape[0]
        if other in _SIMPLE:
            return _SIMPLE[other]
        return other if other in _LITERAL[kind] else escape[0]

    made = _ESCAPES[kind].sub(one, text)
    made = _PAIR.sub(lambda pair: pair[0].encode("utf-16", "surrogatepass").decode("utf-16"), made)
    try:
        return made.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return made


_LITERAL: Final = {"ansi": "'\"?", "printf": "'\"?", "echo": "", "%b": ""}
