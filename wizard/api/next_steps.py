"""What comes after an assistant was created: in words, with commands to copy and not to run."""

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from wizard.advice.variables import csv_header
from wizard.api.client import ASSISTANTS
from wizard.exchange.exporting import KEY_VARIABLE, address
from wizard.settings import Target


@dataclass(frozen=True, slots=True)
class NextStep:
    """One thing to do; `command` is for a shell, empty if none helps."""

    text: str
    command: str = ""


def next_steps(payload: Mapping[str, Any], target: Target) -> tuple[NextStep, ...]:
    """What to do next with an assistant that was created from a payload, in order.

    QCall publishes requests that list and update assistants, and none that links a number or
    begins a campaign: that is done in its app. No command holds the key: the environment has it.
    """
    return tuple(_steps(payload, target))


def _steps(payload: Mapping[str, Any], target: Target) -> Iterator[NextStep]:
    if target.is_sandbox:
        yield NextStep(
            "Nothing in the sandbox calls or can be called. With an API key the same answers make "
            "a real assistant; then this comes next:"
        )
    yield from _INBOUND if payload.get("type") == "inbound" else _outbound(payload)
    listed = f'curl --silent --show-error --header "x-api-key: ${KEY_VARIABLE}" '
    yield NextStep(
        "See it in the list of your assistants:",
        listed + shlex.quote(address(target) + ASSISTANTS),
    )


_INBOUND = (
    NextStep(
        "Link a phone number to it, in QCall's app: calls to that number are then answered by this "
        "assistant."
    ),
    NextStep("Call that number yourself, and listen to the opening line and the last words."),
)


def _outbound(payload: Mapping[str, Any]) -> Iterator[NextStep]:
    yield NextStep("Make a test call to your own number first, in QCall's app.")
    begin = "Then begin a campaign there, with this assistant and a list of contacts"
    header = csv_header(payload)
    if not header:
        yield NextStep(f"{begin}. Its texts need nothing of a contact but the phone number.")
        return
    yield NextStep(
        f"{begin}. Beside the phone number its texts need these columns:",
        f"printf '%s\\n' {shlex.quote(header)} > contacts.csv",
    )
