"""A watch over an event loop: the time of each callback, and the place in the code."""

import asyncio
import gc
import signal
import time
from asyncio.events import Handle
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from tests.benchmarks.screen import ROOT

# A callback that takes less, in seconds, is not worth a word.
_SHORT = 0.001
# How often the place in the code is sampled, in seconds of processor time.
_LOOK_SECONDS = 0.002
# Frames around every handler say nothing about it.
_AROUND = ("timer.py", "message_pump.py", "_callback.py", "events.py", "contextlib.py")
_OURS = tuple(str(ROOT / name) for name in ("screens", "wizard"))


@dataclass(frozen=True, slots=True)
class Held:
    """A callback that held the loop while something was done; times are in milliseconds.

    `busy` is the processor time of the loop's thread, which another process does not lengthen.
    `places` are the places in the wizard's code that were sampled most often, with the function
    that they called and their share; those in Textual if none was in the wizard. `paused` is the
    part that the garbage collector took.
    """

    doing: str
    busy: float
    passed: float
    paused: float
    name: str
    places: str

    @property
    def cause(self) -> str:
        """What caused it, in a line."""
        place = f"{self.name}: {self.places}"
        return f"{place}; garbage {self.paused:.0f} ms" if self.paused > 1 else place


@dataclass(slots=True)
class Watch:
    """Notes what holds the loop. `doing` names the current interaction, or is empty."""

    doing: str = ""
    held: list[Held] = field(default_factory=list)
    pauses: list[tuple[int, float]] = field(default_factory=list)
    _task: asyncio.Task[Any] | None = None
    _seen: Counter[str] = field(default_factory=Counter)
    _began: float = 0.0
    _paused: float = 0.0

    @contextmanager
    def watching(self) -> Iterator["Watch"]:
        """Watch the loop of the calling task, without that task itself."""
        self._task = asyncio.current_task()
        plain = Handle._run
        watch = self

        def run(handle: Handle) -> None:
            watch._time(plain, handle)

        before = signal.signal(signal.SIGPROF, self._look)
        signal.setitimer(signal.ITIMER_PROF, _LOOK_SECONDS, _LOOK_SECONDS)
        gc.callbacks.append(self._collected)
        Handle._run = run  # type: ignore[method-assign, assignment]
        try:
            yield self
        finally:
            Handle._run = plain  # type: ignore[method-assign]
            gc.callbacks.remove(self._collected)
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.signal(signal.SIGPROF, before)

    def _time(self, run: Any, handle: Handle) -> None:
        task = getattr(handle._callback, "__self__", None)
        if not self.doing or task is self._task:
            run(handle)
            return
        self._seen.clear()
        self._paused, doing = 0.0, self.doing
        passed, busy = time.perf_counter(), time.thread_time()
        run(handle)
        busy, passed = time.thread_time() - busy, time.perf_counter() - passed
        if busy > _SHORT:
            busy, passed, name = busy * 1000, passed * 1000, _name_of(handle, task)
            self.held.append(Held(doing, busy, passed, self._paused, name, self._places()))

    def _places(self) -> str:
        seen = Counter(self._seen)  # the timer adds samples meanwhile
        whole, most = seen.total(), seen.most_common(2)
        return ", ".join(f"{place} {100 * count // whole} %" for place, count in most)

    def _look(self, _: int, frame: FrameType | None) -> None:
        """Note the innermost place in the wizard's code, and the function that it called."""
        signal.set_wakeup_fd(-1)  # asyncio would have the loop woken by each look
        called: list[str] = []
        while frame:
            code = frame.f_code
            if code is Watch._time.__code__:
                break
            if code.co_filename.startswith(_OURS):
                file = Path(code.co_filename).relative_to(ROOT)
                place = f"{file}:{code.co_firstlineno} {code.co_name}"
                self._seen[" > ".join([place, *called[-1:]])] += 1
                return
            file = Path(code.co_filename)
            if file.parent.name != "asyncio" and file.name not in _AROUND:
                called.append(f"{file.name} {code.co_name}")
            frame = frame.f_back
        self._seen[" > ".join(called[:-3:-1])] += 1

    def _collected(self, phase: str, about: dict[str, int]) -> None:
        if phase == "start":
            self._began = time.thread_time()
        elif self.doing:
            pause = (time.thread_time() - self._began) * 1000
            self._paused += pause
            self.pauses.append((about["generation"], pause))


def _name_of(handle: Handle, task: object) -> str:
    """Whose callback it is: the task's name, or the function's."""
    if isinstance(task, asyncio.Task):
        return task.get_name().removeprefix("message pump ").partition("(")[0]
    callback = handle._callback
    return getattr(callback, "__qualname__", None) or type(callback).__name__
