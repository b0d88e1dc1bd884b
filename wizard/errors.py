"""The exception tree. The message of each error says what happened and what to do.

WizardError
├── Unreadable           a file or text that is not a payload: missing, truncated, not JSON ...
├── NotReady             an incomplete or invalid draft
├── BadTarget            a malformed or insecure server address
├── NotLoaded            something cannot be read from the server
│   ├── CatalogueUnavailable  the target's voices
│   └── AssistantsUnavailable the account's assistants
│       └── NoAssistant  there is no assistant with an id
├── SampleUnavailable    the sample of a voice cannot be read or played
├── NoSuch               a draft, receipt or template that does not exist
├── NotWritten           a file that cannot be written, or that exists already
├── EditorTrouble        the external editor is missing, failed or saved no text
├── InUse                the draft is open in another wizard
└── StoreTrouble         the database cannot be read or written
    ├── Damaged          the file is not a database, or is corrupted
    └── NewerFile        a newer program wrote the file
"""

from typing import Final

# Exit codes. Those of requests are in `wizard.api.outcomes`.
FAILED: Final = 1
WRONG_USAGE: Final = 2
FAULT: Final = 70
INTERRUPTED: Final = 130


class WizardError(Exception):
    """An error the user can act on; `str()` returns the message to show.

    `exit_code` is that of a command which it ends.
    """

    exit_code = FAILED


class Unreadable(WizardError):
    """Text that cannot be read as a payload.

    `name` is the file name as the user entered it. `line` and `column` count from 1, and are 0 if
    the error has no position in the text.
    """

    def __init__(self, name: str, reason: str, line: int = 0, column: int = 0) -> None:
        self.name, self.reason, self.line, self.column = name, reason, line, column
        place = f", line {line}, column {column}" if line else ""
        super().__init__(f"{name}{place}: {reason}")


class NotReady(WizardError):
    """The draft has no payload because a field is missing or wrong."""


class BadTarget(WizardError):
    """A base URL that is malformed or would send the API key unencrypted."""

    exit_code = WRONG_USAGE


class NotLoaded(WizardError):
    """Something cannot be read from the server."""

    def __init__(self, message: str, exit_code: int = 5) -> None:
        self.exit_code = exit_code
        super().__init__(message)


class CatalogueUnavailable(NotLoaded):
    """The voice catalogue could not be loaded. Voices can still be entered by hand."""


class AssistantsUnavailable(NotLoaded):
    """The account's assistants cannot be read."""


class NoAssistant(AssistantsUnavailable):
    """The account has no assistant with an id, or none that the id is sure to mean.

    `is_ambiguous`: more than one has it.
    """

    def __init__(self, message: str, *, is_ambiguous: bool = False) -> None:
        self.is_ambiguous = is_ambiguous
        super().__init__(message, FAILED)


class SampleUnavailable(WizardError):
    """The sample of a voice cannot be read or played; `status` is that of an answer, or 0."""

    def __init__(self, message: str, status: int = 0) -> None:
        self.status = status
        super().__init__(message)


class NoSuch(WizardError):
    """A draft, receipt or template that does not exist."""


class NotWritten(WizardError):
    """A file cannot be written; `exists` is true if another file has its name."""

    def __init__(self, message: str, *, exists: bool = False) -> None:
        self.exists = exists
        super().__init__(message)


class EditorTrouble(WizardError):
    """The external editor is missing, failed or saved no text. Nothing was changed."""


class InUse(WizardError):
    """The draft is open in another wizard."""


class StoreTrouble(WizardError):
    """The database of drafts and receipts cannot be read or written."""


class Damaged(StoreTrouble):
    """The file is not a database, or is corrupted."""


class NewerFile(StoreTrouble):
    """A newer program wrote the file, which is left unchanged."""
