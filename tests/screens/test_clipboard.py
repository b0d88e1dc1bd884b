"""Copying: with a program if there is one, else through the terminal, and its message."""

import base64
import sys
from pathlib import Path

import pytest

from screens.terminal.clipboard import copy, tools
from tests.examples import minimal
from tests.person import imported, opened, paste, press, text_of, toasts, wait_for
from tests.terminal import Terminal
from wizard.formats.json_text import dump
from wizard.settings import Surroundings, surroundings

UNCERTAIN = "Sent to the terminal, which may ignore it."


def install(folder: Path, name: str, body: str) -> None:
    """A program of this name that runs a body of Python."""
    program = folder / name
    program.write_text(f"#!{sys.executable}\nimport sys, time\n{body}\n")
    program.chmod(0o755)


def keeping(folder: Path) -> str:
    """Writes its input to a file."""
    return f"open({str(folder / 'kept')!r}, 'wb').write(sys.stdin.buffer.read())"


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is searched for programs alone."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


@pytest.mark.parametrize(
    ("around", "name", "encoding"),
    [
        (Surroundings("linux", wayland=True), "wl-copy", "utf-8"),
        (Surroundings("linux", x11=True), "xclip", "utf-8"),
        (Surroundings("linux", x11=True), "xsel", "utf-8"),
        (Surroundings("darwin"), "pbcopy", "utf-8"),
        (Surroundings("win32"), "clip.exe", "utf-16-le"),
        (Surroundings("linux", windows_below=True), "clip.exe", "utf-16-le"),
        (Surroundings("linux", tmux=True), "tmux", "utf-8"),
    ],
)
def test_a_text_is_handed_to_the_program_that_is_there(
    programs: Path, around: Surroundings, name: str, encoding: str
) -> None:
    install(programs, name, keeping(programs))
    message = copy("नमस्ते\n", around)
    assert message == (
        "Copied to tmux's buffer. Paste with tmux's paste key." if name == "tmux" else "Copied."
    )
    assert (programs / "kept").read_bytes() == "नमस्ते\n".encode(encoding)


def test_a_program_that_fails_or_hangs_is_skipped(
    programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("screens.terminal.clipboard._LIMIT", 0.5)
    install(programs, "wl-copy", "sys.exit(1)")
    install(programs, "xclip", "time.sleep(60)")
    around = Surroundings("linux", wayland=True, x11=True)
    assert copy("text", around) is None
    install(programs, "xsel", keeping(programs))
    assert copy("text", around) == "Copied."


def test_without_a_screen_there_is_no_program() -> None:
    assert not list(tools(surroundings({}))) or sys.platform != "linux"
    assert [tool.command[0] for tool in tools(surroundings({"TMUX": "x"}))][-1:] == ["tmux"]


def test_a_copy_through_the_terminal_is_reported(tmp_path: Path) -> None:
    payload = tmp_path / "payload.json"
    payload.write_text(dump(minimal()), encoding="utf-8")
    environment = dict.fromkeys(("DISPLAY", "WAYLAND_DISPLAY", "TMUX", "WSL_DISTRO_NAME"), "")
    with Terminal(
        *("--sandbox", "--from", str(payload)), home=tmp_path / "home", environment=environment
    ) as terminal:
        terminal.wait_for("Company").press("ctrl+p").wait_for("Preview").type("copy as json")
        terminal.wait_for("Copy as json").press("enter").wait_for("Sent to the terminal")
        sent = base64.b64encode(dump(minimal()).encode())[:200]
        terminal.wait_until(lambda: b"]52;c;" + sent in bytes(terminal.raw), "OSC 52")
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0


async def test_a_selection_is_copied_and_reported() -> None:
    async with opened(imported(minimal())) as pilot:
        app = pilot.app
        await press(pilot, "tab", "alt+a", "ctrl+c")
        assert app.clipboard == "Asha"
        await wait_for(pilot, lambda: UNCERTAIN in toasts(app), what=UNCERTAIN)
        assert "Export, in the preview or the palette, writes a file." in toasts(app)


async def test_lines_that_are_pasted_into_one_line_are_joined_with_a_word() -> None:
    async with opened() as pilot:
        await press(pilot, "tab")
        await paste(pilot, "Asha\nfrom\n\nAcme")
        assert text_of(pilot.app, "name") == "Asha from Acme"
        await wait_for(pilot, lambda: "3 lines were joined" in toasts(pilot.app))
