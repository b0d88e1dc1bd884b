"""The next steps after an assistant was created, with shell commands to copy."""

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
    """One step. `command` is a shell command, or empty."""

    text: str
    command: str = ""


def next_steps(payload: Mapping[str, Any], target: Target) -> tuple[NextStep, ...]:
    """Return the next steps for an assistant that was created from a payload, in order.

    QCall's API lists and updates assistants. Linking a number and starting a campaign are only
    possible in its app. The commands read the key from the environment.
    """
    return tuple(_steps(payload, target))


def _steps(payload: Mapping[str, Any], target: Target) -> Iterator[NextStep]:
    if target.is_sandbox:
        yield NextStep(
            "The sandbox makes and takes no calls. With an API key the same answers create a real "
            "assistant. These are the next steps then:"
        )
    yield from _INBOUND if payload.get("type") == "inbound" else _outbound(payload)
    listed = f'curl --silent --show-error --header "x-api-key: ${KEY_VARIABLE}" '
    yield NextStep(
        "Show it in the list of your assistants:",
        listed + shlex.quote(address(target) + ASSISTANTS),
    )


_INBOUND = (
    NextStep(
        "Link a phone number to it in QCall's app. The assistant then answers calls to that number."
    ),
    NextStep("Call that number yourself, and listen to the opening line and the closing message."),
)


def _outbound(payload: Mapping[str, Any]) -> Iterator[NextStep]:
    yield NextStep("Make a test call to your own number first, in QCall's app.")
    begin = "Then start a campaign there, with this assistant and a list of contacts"
    header = csv_header(payload)
    if not header:
        yield NextStep(f"{begin}. Its texts use nothing but each contact's phone number.")
        return
    yield NextStep(
        f"{begin}. Besides the phone number, its texts use these columns:",
        f"printf '%s\\n' {shlex.quote(header)} > contacts.csv",
    )
