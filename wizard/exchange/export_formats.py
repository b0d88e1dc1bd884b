"""The export formats, in a light module so that `--help` is fast."""

from enum import StrEnum
from typing import Final


class ExportFormat(StrEnum):
    """The export formats, by their name on the command line."""

    JSON = "json"
    YAML = "yaml"
    CURL = "curl"
    PYTHON = "python"
    HTTP = "http"

    @property
    def about(self) -> str:
        """A short description."""
        return _ABOUT[self]

    @property
    def extension(self) -> str:
        """The file name extension."""
        return _EXTENSIONS.get(self, f".{self}")

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
_EXTENSIONS: Final = {
    ExportFormat.CURL: ".sh",
    ExportFormat.PYTHON: ".py",
}
