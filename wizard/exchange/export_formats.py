"""The forms that a payload is exported in; a module of its own, so that help is fast."""

from enum import StrEnum
from typing import Final


class Form(StrEnum):
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
        return self not in (Form.JSON, Form.YAML)


_ABOUT: Final = {
    Form.JSON: "JSON, as it is sent",
    Form.YAML: "YAML, for people to edit",
    Form.CURL: "a shell command with curl",
    Form.PYTHON: "a Python program with httpx",
    Form.HTTP: "a .http file for editors",
}
_ENDINGS: Final = {
    Form.JSON: ".json",
    Form.YAML: ".yaml",
    Form.CURL: ".sh",
    Form.PYTHON: ".py",
    Form.HTTP: ".http",
}
