"""The exception tree. Each error knows its sentence: what happened, where, and how to mend it.

WizardError
├── Unreadable           a file or text that is no payload: missing, cut, not UTF-8, not JSON ...
├── NotReady             a draft that is not a payload yet
├── BadTarget            a server's address that will not be used
├── CatalogueUnavailable the voices of the target cannot be had
├── NoSuch               a draft, a receipt or a template that was asked for is not there
├── NotWritten           a file that cannot be written, or that is there already
├── EditorTrouble        the person's own editor is missing, failed, or left no text behind
├── InUse                another wizard has the draft open
└── StoreTrouble         drafts and receipts cannot be read or written now
    ├── Damaged          the file holds what is no database, or no longer one
    └── NewerFile        the file was written by a newer program
"""

from typing import Final

# Exit codes; those of a request are the outcomes' (`wizard.api.outcomes`).
FAILED: Final = 1
WRONG_USAGE: Final = 2
FAULT: Final = 70
INTERRUPTED: Final = 130


class WizardError(Exception):
    """An error that a person can do something about; `str()` of it is the sentence to show."""


class Unreadable(WizardError):
    """Text that cannot be read as a payload.

    `name` is the file as the person named it; `line` and `column` count from 1 and are 0 where the
    error has no place inside the text.
    """

    def __init__(self, name: str, reason: str, line: int = 0, column: int = 0) -> None:
        self.name, self.reason, self.line, self.column = name, reason, line, column
        place = f", line {line}, column {column}" if line else ""
        super().__init__(f"{name}{place}: {reason}")


class NotReady(WizardError):
    """A payload was asked of a draft in which something is missing or wrong."""


class BadTarget(WizardError):
    """A base URL that is malformed, or that would send the key in the clear."""


class CatalogueUnavailable(WizardError):
    """The voice catalogue could not be read; the voice can still be typed by hand."""


class NoSuch(WizardError):
    """A draft, a receipt or a template that was asked for is not there."""


class NotWritten(WizardError):
    """A file cannot be written; `exists` tells whether only because there is one already."""

    def __init__(self, told: str, *, exists: bool = False) -> None:
        self.exists = exists
        super().__init__(told)


class EditorTrouble(WizardError):
    """The person's own editor is missing, failed, or left no text behind; nothing was changed."""


class InUse(WizardError):
    """Another wizard has the draft open."""


class StoreTrouble(WizardError):
    """The file of drafts and receipts cannot be read or written now."""


class Damaged(StoreTrouble):
    """The file holds what is no database, or no longer one."""


class NewerFile(StoreTrouble):
    """The file was written by a newer program, and is left alone."""
