"""F4: a text is edited in the person's own editor, or stays unchanged."""

import json
import os
import re
import shutil
import signal
import sqlite3
import stat
import sys
from contextlib import closing, nullcontext
from pathlib import Path

import pytest

from screens.dialogs.menu import Menu
from tests.person import opened, press, row, settle, text_of, wait_for, walk_to
from tests.terminal import Terminal
from wizard import settings
from wizard.contract.fields import Kind
from wizard.draft.draft import Draft
from wizard.errors import EditorTrouble, Unreadable
from wizard.exchange.external_editor import edited, from_file, remove, unused_texts
from wizard.formats.paths import Path as DraftPath
from wizard.formats.text import MAX_CHARACTERS
from wizard.storage.session import Session
from wizard.storage.sqlite_file import FILE_NAME
from wizard.storage.store import open_store, snapshot


def editor(folder: Path, code: str) -> str:
    """An editor's command: a program whose last argument is the file, with `said` for an answer."""
    program = folder / "the editor.py"
    program.write_text(f"import os, sys, time\npath = sys.argv[-1]\n{code}\n", encoding="utf-8")
    return f"{sys.executable} '{program}' --wait"


PLACE = "4f1c2d3e", ("script",)
APPEND = "open(path, 'a', encoding='utf-8').write(' Grüße [b]\\nand more')"


def flowing(terminal: Terminal) -> str:
    """The text on the screen without line breaks."""
    return " ".join(terminal.text.replace("▌", "").split())


def edit(text: str, command: str, kind: Kind = Kind.LONG_TEXT, **environment: str) -> str:
    made = edited(text, PLACE, kind, command, {**os.environ, **environment})
    remove(made.file)
    return made.text


@pytest.fixture(autouse=True)
def _own_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))


def test_an_editor_with_arguments_changes_the_text(tmp_path: Path) -> None:
    assert edit("Hello", editor(tmp_path, APPEND)) == "Hello Grüße [b]\nand more"
    assert list((tmp_path / "tmp").iterdir()) == []


def test_the_file_is_private_and_named_after_the_field(tmp_path: Path) -> None:
    look = (
        "mode = lambda p: oct(os.stat(p).st_mode & 0o777)\n"
        "noted = [os.path.basename(path), mode(path), mode(os.path.dirname(path))]\n"
        "open(path, 'w').write(' '.join(noted))"
    )
    command = editor(tmp_path, look)
    for text, kind, ending in (
        ("Hi", Kind.LONG_TEXT, "txt"),
        ("# Who\nHi", Kind.LONG_TEXT, "md"),
        ("{}", Kind.OBJECT, "json"),
    ):
        name, *modes = edit(text, command, kind).split()
        assert re.fullmatch(rf"4f1c2d3e\.script\.\w{{4}}\.{ending}", name)
        assert modes == ["0o600", "0o700"]


def test_the_keys_are_not_in_the_editors_environment(tmp_path: Path) -> None:
    keys = {"QCALL_API_KEY": "secret", "QCALL_REHEARSAL_KEY": "secret"}
    around = settings.keyless({**os.environ, **keys, "MINE": "kept"})
    look = "open(path, 'w').write(repr(dict(os.environ)))"
    seen = edited("Hi", PLACE, Kind.LONG_TEXT, editor(tmp_path, look), around).text
    assert "kept" in seen
    assert "QCALL_API_KEY" not in seen
    assert "QCALL_REHEARSAL_KEY" not in seen
    assert "secret" not in seen


@pytest.mark.parametrize("text", ["", "Hi", "Hi\n", "a\r\nb\rc", "\u2028x\x0b", "a\n\n"])
def test_an_editor_that_changes_nothing_leaves_every_character(tmp_path: Path, text: str) -> None:
    assert edit(text, editor(tmp_path, "")) == text


def test_additions_by_the_editor_are_no_change(tmp_path: Path) -> None:
    assert edit("Hi", editor(tmp_path, "open(path, 'a').write('\\n')")) == "Hi"
    windows = "open(path, 'wb').write(b'\\xef\\xbb\\xbfHi\\r\\nyou\\r\\n')"
    assert edit("Hi\nyou", editor(tmp_path, windows)) == "Hi\nyou"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("sys.exit(3)", "exited with code 3"),
        (f"{APPEND}; sys.exit(1)", "exited with code 1"),
        ("os.kill(os.getpid(), 9)", "was killed by signal 9"),
        ("open(path, 'wb').write(b'\\xff\\xfe\\x00')", "UTF-16"),
        ("open(path, 'wb').write(b'Gr\\xfc')", "not UTF-8"),
        ("open(path, 'wb').write(b'PK\\x03\\x04\\x00\\x00')", "is not text"),
        ("os.remove(path)", "no such file"),
        ("os.remove(path); os.mkdir(path)", "folder"),
        (f"open(path, 'w').write('x' * {MAX_CHARACTERS + 1})", "the limit is 1,000,000"),
    ],
)
def test_an_editor_that_fails_is_reported(tmp_path: Path, code: str, expected: str) -> None:
    with pytest.raises(EditorTrouble, match=expected) as trouble:
        edit("Hello", editor(tmp_path, code))
    message, left = str(trouble.value), list((tmp_path / "tmp").rglob("*.txt"))
    assert "The text is unchanged." in message
    assert all(f"The editor's text is kept in {file}." in message for file in left)
    assert bool(left) == ("open(" in code or "mkdir" in code)


@pytest.mark.parametrize("end", ["sys.exit(1)", "os.kill(os.getpid(), 9)", ""])
def test_a_text_left_by_the_editor_is_offered_at_the_next_start(tmp_path: Path, end: str) -> None:
    latin = "open(path, 'ab').write('Gr\u00fc\u00dfe'.encode('latin-1'))"
    code = f"open(path, 'a').write(' and more')\n{end}" if end else latin
    draft, around = kept_draft(tmp_path), {"EDITOR": editor(tmp_path, code)}
    with Terminal("--sandbox", "--draft", draft, home=tmp_path, environment=around) as terminal:
        terminal.wait_for("Opening line", "Hello").wait_still().press("f4")
        terminal.wait_for("kept")
        terminal.wait_still().press("ctrl+q")
        assert terminal.wait_exit() == 0
    (file,) = (tmp_path / "editor").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_bytes().startswith(b"Hello")
    assert answers(tmp_path)["script"] == "Hello"
    with Terminal("--sandbox", home=tmp_path) as terminal:
        shown = ["Use it as Script of", *(["not used: “Hello and"] if end else [])]
        terminal.wait_for("A text from your editor was", *shown).press("enter").wait_still()
        assert file.exists(), "Enter leaves it"
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0
    assert answers(tmp_path)["script"] == "Hello"
    with Terminal("--sandbox", home=tmp_path) as terminal:
        terminal.wait_for("Use it as Script").press("down", "enter")
        if end:
            terminal.wait_for("Opening line", "Hello and more")
        else:
            terminal.wait_for("UTF-8")
        terminal.wait_still().press("ctrl+q")
        assert terminal.wait_exit() == 0
    assert answers(tmp_path)["script"] == ("Hello and more" if end else "Hello")
    assert file.exists() == (not end)


def test_a_missing_editor_is_reported(tmp_path: Path) -> None:
    for command, expected in (
        ("/nowhere/ed", "cannot be started: No such file"),
        (str(tmp_path), "cannot be started: Permission denied"),
        ("vi 'x", "lacks a quote"),
        ("", "No editor was found"),
    ):
        with pytest.raises(EditorTrouble, match=expected):
            edit("Hello", command, PATH=str(tmp_path))
    with pytest.raises(EditorTrouble, match="half a character"):
        edit("\ud800", "cat")


def test_the_environment_names_the_editor() -> None:
    assert settings.editor({"VISUAL": "code --wait", "EDITOR": "vi"}) == "code --wait"
    assert settings.editor({"VISUAL": " ", "EDITOR": "vi"}) == "vi"
    assert settings.editor({}) == ""


def test_text_from_files(tmp_path: Path) -> None:
    (tmp_path / "long").write_text("x" * (MAX_CHARACTERS + 1))
    (tmp_path / "odd").write_bytes(b"a\x00b")
    with pytest.raises(Unreadable, match="the limit is 1,000,000"):
        from_file(str(tmp_path / "long"))
    with pytest.raises(Unreadable, match="not a text file"):
        from_file(str(tmp_path / "odd"))
    with pytest.raises(Unreadable, match="folder"):
        from_file(str(tmp_path))


# --- in a real terminal


def kept_draft(home: Path, focus: DraftPath = ("script",)) -> str:
    """A draft on the disk that opens on its script."""
    draft = Draft()
    draft.answer(("script",), "Hello")
    draft.answer(("actions",), [{"type": "scheduleMeeting", "prompt": "Book it."}])
    draft.step, draft.focus = draft.step.__class__("script"), focus
    opened = open_store(home)
    opened.store.save(snapshot(draft, 0))
    opened.store.close()
    return draft.id


def answers(home: Path) -> dict[str, object]:
    with closing(sqlite3.connect(home / FILE_NAME)) as file:
        (row,) = file.execute("SELECT answers FROM drafts").fetchall()
    found: dict[str, object] = json.loads(row[0])
    return found


def test_f4_in_a_step_in_the_editor_and_with_a_failing_editor(tmp_path: Path) -> None:
    log = tmp_path / "environment"
    look = f"open({str(log)!r}, 'w').write(repr(dict(os.environ)))"
    command = editor(tmp_path, f"{look}\n{APPEND}\nprint('IN THE EDITOR', flush=True)")
    around = {"EDITOR": command, "QCALL_API_KEY": "a-key-of-some-length"}
    draft = kept_draft(tmp_path)
    arguments = ("--base-url", "http://127.0.0.1:9/api/v1", "--draft", draft)
    with Terminal(*arguments, home=tmp_path, environment=around) as terminal:
        terminal.wait_for("Opening line", "Hello").wait_still()
        terminal.press("f4").wait_for("Grüße [b]", "and more")
        assert b"IN THE EDITOR" in bytes(terminal.raw)
        assert "a-key-of-some-length" not in log.read_text()
        # It is one edit, so the second undo takes back the edit before it.
        terminal.type("!").wait_for("and more!").press("ctrl+z").wait_gone("more!")
        terminal.press("ctrl+z").wait_gone("and more").wait_for("Hello")
        terminal.press("ctrl+y").wait_for("and more")
        terminal.press("f6").wait_for("Line 2 of 2").press("f4").wait_for("Line 3 of 3")
        terminal.wait_still()  # the terminal forgets keys while it is given back
        (tmp_path / "the editor.py").write_text("import sys; sys.exit(7)")
        terminal.press("f4").wait_for("exited with code", "text is unchanged.")
        (tmp_path / "the editor.py").write_text("")
        terminal.press("f4").wait_for("No changes")
        terminal.press("escape").wait_for("Opening line").press("ctrl+q")
        assert terminal.wait_exit() == 0
    added = " Grüße [b]\nand more"
    assert answers(tmp_path)["script"] == f"Hello{added}{added}"
    assert list((tmp_path / "tmp").iterdir()) == []


def test_f4_in_the_form_of_an_action_and_without_an_editor(tmp_path: Path) -> None:
    draft = kept_draft(tmp_path, ("actions", 0, "prompt"))
    empty = tmp_path / "bin"
    empty.mkdir()
    (empty / "locale").symlink_to(shutil.which("true") or "/bin/true")
    around = {"EDITOR": "", "VISUAL": "", "PATH": str(empty)}
    with Terminal("--sandbox", "--draft", draft, home=tmp_path, environment=around) as terminal:
        terminal.wait_for("Opening line").press("f2").wait_for("Go to")
        terminal.press("down", "enter").wait_for("Schedule a meeting").press("e")
        terminal.wait_for("Action 1").press(*["shift+tab"] * 5).wait_still()
        terminal.press("f4").wait_for("No editor was found")
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0
    assert answers(tmp_path)["script"] == "Hello"


def test_nothing_is_lost_if_the_wizard_is_killed_while_editing(tmp_path: Path) -> None:
    opened, done = tmp_path / "opened", tmp_path / "done"
    wait = (
        f"open({str(opened)!r}, 'w').write(path)\n"
        f"while not os.path.exists({str(done)!r}): time.sleep(0.02)"
    )
    around = {"VISUAL": editor(tmp_path, wait)}
    draft = kept_draft(tmp_path)
    with Terminal("--sandbox", "--draft", draft, home=tmp_path, environment=around) as terminal:
        terminal.wait_for("Opening line", "Hello").wait_still()
        terminal.type(" you").wait_for("Hello you").press("f4")
        terminal.wait_until(lambda: opened.exists() and opened.read_text(), "the editor")
        assert Path(opened.read_text()).read_text() == "Hello you"
        assert stat.S_IMODE(os.stat(opened.read_text()).st_mode) == 0o600
        Path(opened.read_text()).write_text("Hello all of you")
        terminal.kill(signal.SIGKILL)
        done.touch()
        terminal.wait_exit()
    assert answers(tmp_path)["script"] == "Hello you"
    with Terminal("--sandbox", home=tmp_path) as terminal:
        terminal.wait_for("Use it as Script").press("down", "enter").wait_for("Hello all of you")
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0
    assert answers(tmp_path)["script"] == "Hello all of you"
    assert not (tmp_path / "editor").exists()


# --- texts that an editor left


def leave_text(home: Path, draft: str, text: str, seconds: int = 0) -> Path:
    """A file that an editor left behind, so many seconds after the first."""
    folder = home / "editor"
    folder.mkdir(exist_ok=True)
    file = folder / f"{draft}.script.{seconds:04x}.txt"
    file.write_text(text)
    os.utime(file, (1_800_000_000 + seconds,) * 2)
    return file


def test_the_newest_text_is_offered_first(tmp_path: Path) -> None:
    files = [leave_text(tmp_path, "4f1c2d3e", "One", at) for at in (20, 10, 30)]
    assert [left.file for left in unused_texts(tmp_path)] == [files[2], files[0], files[1]]


async def test_a_text_of_another_running_wizard_is_not_offered(tmp_path: Path) -> None:
    other = Session(tmp_path, open_store(tmp_path))
    draft = other.begin()
    draft.answer(("script",), "Hello")
    other.changed()
    other.flush()
    file = leave_text(tmp_path, draft.id, "Hello and more")
    async with opened(Draft(), home=tmp_path) as pilot:
        await settle(pilot)
        assert not isinstance(pilot.app.screen, Menu)
    other.close()
    assert file.exists()


async def test_a_text_from_an_editor_is_saved_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", editor(tmp_path, APPEND))
    draft = Draft()
    draft.answer(("script",), "Hello")
    async with opened(draft, step="script", home=tmp_path) as pilot:
        app = pilot.app
        monkeypatch.setattr(app, "suspend", nullcontext)
        await walk_to(pilot, row(app, "script").control)
        await press(pilot, "f4")
        await wait_for(pilot, lambda: "and more" in text_of(app, "script"))
        assert app.session.flush()
        assert answers(tmp_path)["script"] == "Hello Grüße [b]\nand more"
