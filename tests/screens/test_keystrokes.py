"""From launch to created, counted by the keys that are really sent."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.screens.test_terminal import KEY, served
from tests.terminal import MODULE, Terminal
from wizard.sandbox.sandbox_store import MemoryStore

NAMES = ("Asha", "Acme Dental")
GOAL = "Answer callers"
SCRIPT = ("Hello, this is Asha.", "You are Asha.")


class Counted:
    """A person at a terminal whose keys are counted; the text that a person writes is not."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self.keys: list[str] = []

    def press(self, *names: str) -> None:
        """Press keys, each of them counted."""
        self.keys += names
        self.terminal.press(*names)

    def name(self, text: str) -> None:
        """Type the text of a name."""
        self.terminal.type(text).wait_for(text)

    def see(self, *texts: str) -> None:
        """Look."""
        self.terminal.wait_for(*texts)


def from_a_template(person: Counted) -> None:
    """Two names, and a voice: the template has the rest."""
    person.see("Lead qualification")
    person.name("lead")
    person.press("enter")
    person.see("Company")
    person.name(NAMES[0])
    person.press("enter")
    person.name(NAMES[1])
    person.press("ctrl+n")
    person.see("What it speaks")
    person.press("ctrl+n")
    person.see("voices · English")
    person.press("enter")
    person.see("Speed")


def from_nothing(person: Counted) -> None:
    """The type and names, a voice, and the texts."""
    person.see("Start from scratch")
    person.press("enter")
    person.see("Company")
    person.press("right", "enter")
    person.name(NAMES[0])
    person.press("enter")
    person.name(NAMES[1])
    person.press("enter")
    person.name(GOAL)
    person.press("ctrl+n")
    person.see("Closing message")
    person.press("enter")
    person.see("Hindi")
    person.press("enter", "ctrl+n")
    person.see("voices · English")
    person.press("enter")
    person.see("Speed")
    person.press("ctrl+n")
    person.see("Opening line")
    person.name(SCRIPT[0])
    person.press("enter")
    person.name(SCRIPT[1])


@pytest.mark.parametrize(("way", "most"), [(from_a_template, 8), (from_nothing, 14)])
def test_from_launch_to_created_takes_few_keys(
    way: Callable[[Counted], None], most: int, tmp_path: Path
) -> None:
    store = MemoryStore()
    with (
        served(store) as url,
        Terminal("--base-url", url, home=tmp_path, environment=KEY, program=MODULE) as terminal,
    ):
        person = Counted(terminal)
        way(person)
        person.press("ctrl+s")
        person.see("Create this assistant")
        person.press("y")
        person.see("Created")
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0
        assert "Created Asha at 127.0.0.1" in terminal.text
    assert len(store.bodies()) == 1
    print(f"\n{way.__name__}: {len(person.keys)} keys: {' '.join(person.keys)}")
    assert len(person.keys) <= most
