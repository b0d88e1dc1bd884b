"""The garbage collector works when the person pauses, and leaves nothing lying about for good."""

import subprocess
import sys

import pytest

_GARBAGE = """
import gc, weakref
from screens import sweeping

class Thing: pass

def litter():
    thing = Thing()
    thing.itself = thing
    return weakref.ref(thing)
"""


def ran(script: str) -> str:
    """What a Python of its own prints: the collector belongs to the whole process."""
    told = subprocess.run(
        [sys.executable, "-c", _GARBAGE + script], capture_output=True, text=True, check=True
    )
    return told.stdout.strip()


def test_a_pause_takes_garbage_away() -> None:
    script = "gc.disable(); sweeping.begin(); seen = litter(); sweeping.sweep(); print(seen())"
    assert ran(script) == "None"


@pytest.mark.parametrize("is_much", [False, True])
def test_garbage_that_was_in_use_at_a_pause_goes_at_the_next(is_much: bool) -> None:
    script = f"""
sweeping._MANY = {0 if is_much else 1_000_000}
gc.disable(); sweeping.begin()
kept = Thing(); kept.itself = kept; seen = weakref.ref(kept)
sweeping.sweep(); del kept
sweeping.sweep(); print(seen() is None, end=" "); sweeping.rest(); print(seen() is None)
"""
    # What was set apart stays until the person is away.
    assert ran(script) == f"{not is_much} True"


def test_where_no_screen_closed_nothing_is_looked_through() -> None:
    script = """
gc.disable(); sweeping.begin(); seen = litter()
sweeping.clear(); print(seen() is None, end=" ")
sweeping.litter(); sweeping.clear(); print(seen() is None, end=" ")
seen = litter(); sweeping.clear(); print(seen() is None)
"""
    assert ran(script) == "False True False"


def test_where_the_start_held_nothing_back_the_collector_is_left_alone() -> None:
    script = """
before = gc.get_threshold(); sweeping.begin(); sweeping.sweep()
print(gc.get_threshold() == before, gc.get_freeze_count())
"""
    assert ran(script) == "True 0"


def test_what_the_first_screen_left_behind_goes_before_the_collector_begins() -> None:
    script = """
gc.disable(); sweeping.set_apart(); seen = litter(); sweeping.tidy()
print(seen(), gc.isenabled(), gc.get_freeze_count() > 0)
"""
    assert ran(script) == "None False True"


def test_a_collector_that_works_by_itself_is_left_alone() -> None:
    script = """
sweeping.set_apart(); gc.set_threshold(0); seen = litter(); sweeping.tidy()
print(seen() is None, gc.get_freeze_count())
"""
    assert ran(script) == "False 0"
