"""The command `advice`: every code that advice can carry, with what it stands for."""

from dataclasses import asdict

from wizard.advice.registry import ADVICE
from wizard.commands.output import say, say_json


def run(as_json: bool) -> int:
    """Print the codes in order."""
    for info in ADVICE.values():
        if as_json:
            say_json(asdict(info))
        else:
            say(f"{info.code}  {info.about}")
    return 0
