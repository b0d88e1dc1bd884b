"""The next steps after an assistant was created, with shell commands to copy."""

import shlex
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from wizard.advice.variables import csv_header, used_in
from wizard.api.client import ASSISTANTS
from wizard.api.outcomes import Created
from wizard.exchange.exporting import KEY_VARIABLE, address
from wizard.settings import APP, Target


@dataclass(frozen=True, slots=True)
class NextStep:
    """One step in words. `command` is a shell command that `purpose` describes, or empty.

    A step of the terminal alone has no words.
    """

    text: str
    command: str = ""
    purpose: str = ""


def created_line(outcome: Created, name: str, target: Target) -> str:
    """Return what was created, where, and its id, in one line."""
    named = f"Its id is {outcome.assistant_id}" if outcome.assistant_id else "It has no known id"
    return f"Created {name} {target.place}. {named}."


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
    elif not target.is_live:
        yield NextStep("This is not QCall's own server. At QCall these are the next steps:")
    yield from _INBOUND if payload.get("type") == "inbound" else _outbound(payload)
    listed = f'curl --silent --show-error --header "x-api-key: ${KEY_VARIABLE}" '
    command = listed + shlex.quote(address(target) + ASSISTANTS)
    yield NextStep("", command, "List your assistants:")


_INBOUND = (
    NextStep(
        f"Link a phone number to it in QCall's app, {APP}. The assistant then answers calls to "
        "that number."
    ),
    NextStep("Call that number yourself, and listen to the opening line and the closing message."),
)


def _outbound(payload: Mapping[str, Any]) -> Iterator[NextStep]:
    yield NextStep(f"Make a test call to your own number first, in QCall's app, {APP}.")
    begin = "Then start a campaign there, with this assistant and a list of contacts"
    header = csv_header(payload)
    if not header:
        yield NextStep(f"{begin}. Its texts use nothing but each contact's phone number.")
        return
    yield NextStep(
        f"{begin}. Besides the phone number, its texts use {_columns(used_in(payload))}.",
        f"printf '%s\\n' {shlex.quote(header)} > contacts.csv",
        "Begin the list of contacts with these columns:",
    )


def _columns(names: Collection[str]) -> str:
    return f"the column{'s' * (len(names) != 1)} {', '.join(names)}"
