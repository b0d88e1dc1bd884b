"""Messages that screens post to the app."""

from dataclasses import dataclass

from textual.message import Message

from wizard.exchange.export_formats import ExportFormat
from wizard.formats.paths import Path


@dataclass
class FieldRequested(Message):
    """A person wants to answer the field at a path."""

    path: Path


class DraftChanged(Message):
    """The draft, or the place in it, changed and is to be saved."""


@dataclass
class DraftRequested(Message):
    """A person wants to open a stored draft."""

    draft_id: str


@dataclass
class ExportRequested(Message):
    """A person wants the payload in a format, in a file or on the clipboard."""

    form: ExportFormat
    to_clipboard: bool = False


@dataclass
class ResendRequested(Message):
    """A request is to be sent again; `options` name the accepted risks."""

    options: dict[str, bool]


@dataclass
class LookupRequested(Message):
    """The outcome of an attempt is to be looked up."""

    receipt_id: str


@dataclass
class CopyRequested(Message):
    """A person wants a new draft with the answers that a receipt keeps."""

    receipt_id: str


@dataclass
class RestoreRequested(Message):
    """A person wants to put back the assistant that an update replaced.

    `asks_key` is whether another API key is asked for before.
    """

    receipt_id: str
    asks_key: bool = False


@dataclass
class AssistantRequested(Message):
    """A person wants to change an assistant of a target that was created before."""

    assistant_id: str
    name: str
    target: str
