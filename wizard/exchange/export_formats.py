"""The forms that a payload is exported in; a module of its own, so that help is fast."""

from enum import StrEnum
from typing import Final


class ExportFormat(StrEnum):
    """The forms, by the word the command line takes."""

    JSON = "json"
    YAML = "yaml"
    CURL = "curl"
    PYTHON = "python"
    HTTP = "http"

    @property
    def about(self) -> str:
        """What it is, in a few words."""
        return _ABOUT[self]

    @property
    def ending(self) -> str:
        """How a file of this form ends."""
        return _ENDINGS[self]

    @property
    def sends(self) -> bool:
        """Whether it is a program that sends the payload."""
        return self not in (ExportFormat.JSON, ExportFormat.YAML)


_ABOUT: Final = {
    ExportFormat.JSON: "JSON, as it is sent",
    ExportFormat.YAML: "YAML, for people to edit",
    ExportFormat.CURL: "a shell command with curl",
    ExportFormat.PYTHON: "a Python program with httpx",
    ExportFormat.HTTP: "a .http file for editors",
}
_ENDINGS: Final = {
    ExportFormat.JSON: ".json",
    ExportFormat.YAML: ".yaml",
    ExportFormat.CURL: ".sh",
    ExportFormat.PYTHON: ".py",
    ExportFormat.HTTP: ".http",
}
