"""Data for the benchmarks: a home with drafts, texts of a size, peers, a server."""

import os
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.benchmarks.screen import ROOT
from tests.examples import full
from wizard.contract.assistant import QUESTIONS
from wizard.contract.steps import Step
from wizard.draft.draft import Draft
from wizard.formats.paths import MISSING
from wizard.storage.store import open_store, snapshot

PEERS: Final = Path(__file__).parent / "peers"
_LINE: Final = "Ask one thing at a time, listen, and repeat what was agreed on. "
HINDI: Final = "{{first_name}} जी से एक बार में एक ही बात पूछें, सुनें, और जो तय हुआ उसे दोहराएँ। "


@dataclass(frozen=True, slots=True)
class World:
    """What a run has: its own folder, the peers' interpreter, and how much is done."""

    folder: Path
    peers: Path | None
    small: bool

    def times(self, count: int) -> int:
        """How often a thing is done; a small run shows only that it works."""
        return min(count, 2) if self.small else count

    def peer(self, name: str) -> Path | None:
        """A program of the peers' environment, `None` if there is none."""
        found = self.peers / "bin" / name if self.peers else None
        return found if found and found.exists() else None

    def home(self, *drafts: Draft) -> Path:
        """A new home that holds drafts."""
        home = Path(tempfile.mkdtemp(prefix="home-", dir=self.folder))
        opened = open_store(home)
        for draft in drafts:
            opened.store.save(snapshot(draft, 0))
        opened.store.close()
        return home


def script_of(size: int, *, lines: bool = True, words: str = _LINE) -> str:
    """A script of so many bytes, in lines as people write them or in one."""
    length = size * len(words) // len(words.encode())
    text = (words * (length // len(words) + 1))[:length]
    if not lines:
        return text
    return "\n".join(text[at : at + 320] for at in range(0, length, 321))[:length]


def draft_with(script: str, **answers: Any) -> Draft:
    """A finished draft that opens at its script."""
    draft = Draft.imported({**full(), "script": script, **answers})
    draft.step, draft.focus = Step.SCRIPT, ("script",)
    draft.seen = set(Step)
    return draft


def without_voice(draft: Draft) -> None:
    """Take the voice of a draft away, so that the list of voices is open."""
    for question in QUESTIONS:
        if question.meta.from_voice:
            draft.answer((question.name,), MISSING)


def peers_environment(folder: Path) -> Path:
    """Create an environment with the peers if it does not exist; return its folder."""
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        packages = project["optional-dependencies"]["peers"]
        install = [str(python), "-m", "pip", "install", "--quiet", *packages]
        subprocess.run(install, check=True)
    return folder


@contextmanager
def serving(voices: int | None = None) -> Iterator[str]:
    """The sandbox as a separate server with so many voices; its address."""
    command = [sys.executable, "-m", "tests.benchmarks.server", str(voices or 0)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=environment(), cwd=ROOT
    ) as server:
        try:
            assert server.stdout
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


def environment(**added: str) -> Mapping[str, str]:
    """The environment without settings of the wizard."""
    unset = ("QCALL_API_KEY", "QCALL_API_BASE_URL", "NO_COLOR")
    kept = {name: value for name, value in os.environ.items() if name not in unset}
    return {**kept, **added}
