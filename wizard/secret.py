"""A text that is shown nowhere: neither in a log, nor in a traceback, nor in what is printed."""

from typing import Final


class SecretStr:
    """Holds a secret, and shows stars in its place.

    It behaves as pydantic's class of that name, which the first screen would wait long for.
    """

    __slots__ = ("_secret",)

    def __init__(self, secret: str) -> None:
        self._secret: Final = secret

    def get_secret_value(self) -> str:
        """The secret itself."""
        return self._secret

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SecretStr) and self._secret == other._secret

    def __hash__(self) -> int:
        return hash(self._secret)

    def __len__(self) -> int:
        return len(self._secret)

    def __str__(self) -> str:
        return "**********" if self._secret else ""

    def __repr__(self) -> str:
        return f"SecretStr({str(self)!r})"
