"""Messages that screens post to the app."""

from textual.message import Message

from wizard.exchange.export_formats import ExportFormat
from wizard.formats.paths import Path


class FieldRequested(Message):
    """A person wants to answer the field at a path."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path


class DraftChanged(Message):
    """The draft, or the place in it, changed and is to be saved."""


class DraftRequested(Message):
    """A person wants to open a stored draft."""

    def __init__(self, draft_id: str) -> None:
        super().__init__()
        self.draft_id = draft_id


class ExportRequested(Message):
    """A person wants the payload in a format, in a file or on the clipboard."""

    def __init__(self, form: ExportFormat, *, to_clipboard: bool = False) -> None:
        super().__init__()
        self.form = form
        self.to_clipboard = to_clipboard


class ResendRequested(Message):
    """A request is to be sent again; `options` name the accepted risks."""

    def __init__(self, options: dict[str, bool]) -> None:
        super().__init__()
        self.options = options


class LookupRequested(Message):
    """The outcome of an attempt is to be looked up."""

    def __init__(self, receipt_id: str) -> None:
        super().__init__()
        self.receipt_id = receipt_id


class CopyRequested(Message):
    """A person wants a new draft with the answers that a receipt keeps."""

    def __init__(self, receipt_id: str) -> None:
        super().__init__()
        self.receipt_id = receipt_id


class RestoreRequested(Message):
    """A person wants to put back the assistant that an update replaced."""

    def __init__(self, receipt_id: str) -> None:
        super().__init__()
        self.receipt_id = receipt_id


class AssistantRequested(Message):
    """A person wants to change an assistant of a target that was created before."""

    def __init__(self, assistant_id: str, name: str, target: str) -> None:
        super().__init__()
        self.assistant_id, self.name, self.target = assistant_id, name, target
