"""The export formats, in a light module so that `--help` is fast."""

from enum import StrEnum


class ExportFormat(StrEnum):
    """The export formats, by their name on the command line; `about` describes each."""

    about: str
    extension: str

    def __new__(cls, value: str, about: str = "", extension: str = "") -> "ExportFormat":
        """Return a format whose files have an extension."""
        form = str.__new__(cls, value)
        form._value_, form.about, form.extension = value, about, extension
        return form

    JSON = "json", "JSON, as it is sent", ".json"
    YAML = "yaml", "YAML, for people to edit", ".yaml"
    CURL = "curl", "a shell command with curl", ".sh"
    PYTHON = "python", "a Python program with httpx", ".py"
    HTTP = "http", "a .http file for editors", ".http"

    @property
    def sends(self) -> bool:
        """Whether it is a program that sends the payload."""
        return self not in (ExportFormat.JSON, ExportFormat.YAML)
