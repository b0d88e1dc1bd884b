"""The whole job in a real terminal: from the start to a created assistant, with a person's keys."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.serving import served
from tests.terminal import MODULE, Terminal, Tmux
from wizard.formats.json_text import dump
from wizard.sandbox.sandbox_store import MemoryStore
from wizard.storage.sqlite_file import FILE_NAME

KEY = {"QCALL_API_KEY": "a-key-of-some-length"}


def answer_everything_needed(terminal: Terminal, at_step: Callable[[], object] = bool) -> None:
    """Ten answers, typed at once if the screen need not be read first.

    `at_step` is called at each step, when something was answered there.
    """
    terminal.begin().press("right", "right", "enter")
    terminal.type("Asha").press("enter").type("Acme Dental").press("enter")
    terminal.press("down").wait_for("Lead qualification").press("enter")
    at_step()
    terminal.press("ctrl+n")
    terminal.wait_for("Closing message").press("enter").wait_for("Hindi").press("enter")
    terminal.wait_for("Thank you for your time")
    at_step()
    terminal.press("ctrl+n")
    terminal.wait_for("voices · English").press("down", "enter").wait_for("Speed")
    at_step()
    terminal.press("ctrl+n").wait_for("Opening line")
    # Long enough that no advice comes later.
    terminal.type("Hello, this is Asha.").press("tab", "tab")
    terminal.type("You are Asha. Greet people, and ask what they call for.")
    terminal.wait_for("You are Asha.")
    at_step()
    terminal.press("f9").wait_for("Ready for")
    at_step()


@pytest.mark.parametrize("size", [(80, 24), (140, 40), (40, 12)])
def test_a_walk_from_start_to_created(tmp_path: Path, size: tuple[int, int]) -> None:
    store = MemoryStore()
    with (
        served(store) as url,
        Terminal(
            "--base-url", url, home=tmp_path, size=size, environment=KEY, program=MODULE
        ) as terminal,
    ):
        answer_everything_needed(terminal)
        terminal.press("ctrl+s").wait_for("Create this assistant")
        # Pressed over and over, it is sent once.
        terminal.press("y", "y", "enter", "ctrl+s", "y").wait_for("was created.")
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0
    (body,) = store.bodies()
    (listed,) = store.all()
    created = {name: value for name, value in listed.items() if name not in ("id", "hash_id")}
    assert dump(created).encode() == body
    assert json.loads(body)["name"] == "Asha"
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as file:
        (row,) = file.execute("SELECT kind, body FROM receipts").fetchall()
    assert row == ("created", body.decode())


def test_the_preview_shows_the_bytes_that_are_sent(tmp_path: Path) -> None:
    store = MemoryStore()
    with (
        served(store) as url,
        Terminal(*("--base-url", url), home=tmp_path, size=(119, 200), environment=KEY) as terminal,
    ):
        answer_everything_needed(terminal)
        terminal.press("f8").wait_for('"call_outcome_prompt"').wait_still()
        shown = terminal.text
        terminal.press("ctrl+s").wait_for("Create this assistant").press("y").wait_for("Created")
    (body,) = store.bodies()
    # Long lines are folded on the screen: white space aside, it is the same text.
    assert "".join(body.decode().split()) in "".join(shown.split())


def test_a_walk_that_is_resized_at_every_step(tmp_path: Path) -> None:
    """To a window that is too small, and back: everything is in its place."""
    store = MemoryStore()
    with (
        served(store) as url,
        Terminal("--base-url", url, home=tmp_path, environment=KEY) as terminal,
    ):

        def resized() -> None:
            before = terminal.wait_still().text
            terminal.resize(20, 5).wait_for("Too small")
            terminal.resize(80, 24).wait_until(lambda: terminal.text == before, before)

        answer_everything_needed(terminal, resized)
        terminal.press("ctrl+s").wait_for("Create this assistant")
        terminal.resize(20, 5).wait_for("Too small").press("y", "enter").wait_still()
        terminal.resize(80, 24).wait_for("Create this assistant")
        terminal.press("y").wait_for("Created")
        resized()
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0
    (body,) = store.bodies()
    assert json.loads(body)["script"].startswith("You are Asha. Greet people")


@pytest.mark.skipif(shutil.which("tmux") is None, reason="there is no tmux")
def test_a_walk_through_tmux(tmp_path: Path) -> None:
    """A multiplexer has its own idea of keys, colours and sizes."""
    store = MemoryStore()
    with served(store) as url, Tmux(tmp_path, "--base-url", url, environment=KEY) as tmux:
        tmux.wait_for("Start from scratch").send("-l", "lead").wait_for("Lead qualification")
        tmux.send("Enter").wait_for("Company").send("-l", "Asha").send("Tab")
        tmux.send("-l", "Acme Dental").wait_for("Acme Dental").send("C-n").wait_for(
            "Closing message"
        )
        tmux.send("C-n").wait_for("voices · English").send("Down").send("Enter").wait_for("Speed")
        tmux.send("F9").wait_for("Ready for").send("C-s").wait_for("Create this assistant")
        tmux.send("y").wait_for("Created").send("C-q").wait_end()
    (body,) = store.bodies()
    assert json.loads(body)["start_speech"].startswith("Hello {{first_name}}, this is Asha")


def test_a_long_paste_and_a_tiny_window_lose_nothing(tmp_path: Path) -> None:
    script = "\n".join(f"line {n}: [b]say[/b] {{{{first_name}}}}" for n in range(5000))
    with Terminal("--sandbox", home=tmp_path) as terminal:
        terminal.begin().press("f2").wait_for("Go to").press("down", "down", "down")
        terminal.press("enter").wait_for("Opening line").press("tab")
        terminal.paste(script).wait_for("line 4999")
        terminal.type("END").wait_for("END")
        terminal.resize(20, 5).wait_for("Too small")
        terminal.resize(80, 24).wait_for("END").type("!").wait_for("END!")
        terminal.press("f2").wait_for("Go to").press("escape").press("ctrl+q")
        assert terminal.wait_exit() == 0
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as file:
        (row,) = file.execute("SELECT answers FROM drafts").fetchall()
    assert json.loads(row[0])["script"] == script + "END!"


def test_the_terminal_is_restored_at_the_end(tmp_path: Path) -> None:
    with Terminal("--sandbox", home=tmp_path) as terminal:
        terminal.begin().press("ctrl+q")
        assert terminal.wait_exit() == 0
    end = bytes(terminal.raw)
    for on, off in ((b"\x1b[?1049h", b"\x1b[?1049l"), (b"\x1b[?2004h", b"\x1b[?2004l")):
        assert end.rfind(off) > end.rfind(on) >= 0
    assert end.rfind(b"\x1b[?25h") > end.rfind(b"\x1b[?25l")


def test_a_burst_of_keys_reaches_the_intended_fields(tmp_path: Path) -> None:
    """All keys at once, as a fast typist or a busy machine has it."""
    with Terminal("--sandbox", home=tmp_path) as terminal:
        terminal.begin()
        terminal.send("\x1b[C\rAsha\rAcme [b]x\tA goal\x0e\r\x1b[B\rHallo")
        terminal.wait_for("Hallo").press("ctrl+q")
        assert terminal.wait_exit() == 0
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as file:
        (row,) = file.execute("SELECT answers FROM drafts").fetchall()
    answers = json.loads(row[0])
    assert answers["name"] == "Asha"
    assert answers["company_name"] == "Acme [b]x"
    assert answers["goal"] == "A goal"
    assert answers["language"] == "de"
    assert answers["end_call_message"].endswith("Hallo")


def test_keys_right_after_choosing_a_template_are_kept(tmp_path: Path) -> None:
    with Terminal("--sandbox", home=tmp_path) as terminal:
        terminal.wait_for("Inbound receptionist").send("recep\rAsha\tAcme")
        terminal.wait_for("Acme").press("ctrl+q")
        assert terminal.wait_exit() == 0
    found = answers(tmp_path)
    assert (found["name"], found["company_name"]) == ("Asha", "Acme")


def test_back_never_blocks(tmp_path: Path) -> None:
    with Terminal("--sandbox", home=tmp_path) as terminal:
        terminal.begin().press("f2").wait_for("Go to")
        terminal.press("down", "down", "down", "down", "down", "enter").wait_for("Call limit (min)")
        terminal.type("soon").press("ctrl+n").wait_for("Enter a number of minutes")
        for seen in ("Zapier", "Opening line", "name or accent", "Closing message", "Company"):
            terminal.press("escape").wait_for(seen)
        terminal.press("escape").wait_for("type to search")
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as file:
        (row,) = file.execute("SELECT answers FROM drafts").fetchall()
        (draft_id,) = file.execute("SELECT id FROM drafts").fetchone()
    # The last line on the terminal is how to go on.
    last = "".join(terminal.screen.display)
    assert "The draft is saved. Continue it: qcall-wizard --sandbox" in last
    assert f"--draft {draft_id[:4]}" in last
    assert "soon" in str(json.loads(row[0])["maximum_time_per_call"])


NOT_TYPED = {
    "colour": ["\x1b]11;rgb:1e1e/1e1e/1e1e\x1b\\"],
    "colour that ends with BEL": ["\x1b]4;1;rgb:ffff/0000/0000\x07"],
    "clipboard, split": ["\x1b]52;c;aGVs", "bG8=\x1b", "\\"],
    "version": ["\x1bP>|XTerm(370)\x1b\\"],
    "capability, split": ["\x1bP1+r544e=78", "74\x1b\\"],
    "graphics": ["\x1b_Gi=31;OK\x1b\\"],
    "privacy message": ["\x1b^a message\x1b\\"],
    "start of string": ["\x1bXa string\x1b\\"],
    "attributes": ["\x1b[?64;1;2;6c", "\x1b[>41;370;0c"],
    "attributes, split": ["\x1b[?6", "4;1;2c"],
    "cursor": ["\x1b[12;40R", "\x1b[?12;40R"],
    "modes": ["\x1b[?2027;0$y", "\x1b[4;1$y"],
    "size": ["\x1b[8;24;80t", "\x1b[4;480;640t"],
    "status": ["\x1b[0n", "\x1b[?997;1n"],
    "keyboard flags": ["\x1b[?25u"],
    "released key": ["\x1b[97;1:3u", "\x1b[1;1:3A"],
    "no character": ["\x1b[1114112u", "\x1b[55296u", "\x1b[99999999999u", "\x1b[0;;57343u"],
    "outside of the window": ["\x1b[<35;-1;5M", "\x1b[<35;-12;-3m", "\x1b[-1u"],
    "private key": ["\x1b[57999u", "\x1b[99~"],
    "cut off": ["\x1b]11;rgb:1e1e"],
}


def test_replies_and_reports_are_not_typed(tmp_path: Path) -> None:
    typed = "".join(chr(ord("a") + number) for number in range(len(NOT_TYPED)))
    with Terminal("--sandbox", home=tmp_path) as terminal:
        terminal.begin().press("tab")
        for number, parts in enumerate(NOT_TYPED.values()):
            for part in parts:
                terminal.send(part)
                terminal.look(0.2)  # longer than a key takes
            if not part.endswith(("\\", "\x07")) and parts == ["\x1b]11;rgb:1e1e"]:
                terminal.look(1.5)  # the end does not come
            terminal.type(typed[number]).wait_for(typed[: number + 1])
        terminal.type("\x1b[97:65;1:1u\x1b[98;1:2u\x1b[0;;229u").wait_for(f"{typed}abå")
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0
    assert answers(tmp_path)["name"] == f"{typed}abå"


def test_a_reply_that_is_pasted_is_text(tmp_path: Path) -> None:
    text = "".join(part for parts in NOT_TYPED.values() for part in parts)
    with Terminal("--sandbox", home=tmp_path) as terminal:
        terminal.begin().press("f2").wait_for("Go to").press("down", "down", "down", "enter")
        terminal.wait_for("Opening line").press("tab")
        terminal.paste(text).type(" END").wait_for("END").press("ctrl+q")
        assert terminal.wait_exit() == 0
    assert answers(tmp_path)["script"] == f"{text} END"


def test_invalid_utf_8_is_shown_as_replacement(tmp_path: Path) -> None:
    with Terminal("--sandbox", home=tmp_path) as terminal:
        terminal.begin().press("tab").send(b"caf\xe9")
        terminal.wait_for("caf\ufffd").send(b" \xff\xfe \xc3")
        terminal.look(0.3).send(b"\xa9 ")  # a character that is split over two reads
        terminal.send(b"\x1b[200~na\xefve\x1b[201~")
        terminal.wait_for("na\ufffdve").press("ctrl+q")
        assert terminal.wait_exit() == 0
    assert answers(tmp_path)["name"] == "caf\ufffd \ufffd\ufffd é na\ufffdve"


FAULTS = {
    "on the screen": "import screens.payload.review_list as at\nat.collect_review = fail",
    "in the thread that reads keys": (
        "import screens.textual_internals.terminal_input as at\n"
        "at._known_key = lambda keys: fail() if keys == '\\x1b[20~' else keys"
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_an_internal_error_ends_with_a_message_and_70(tmp_path: Path, fault: str) -> None:
    code = f"""
def fail(*_):
    raise LookupError("a secret value")
{FAULTS[fault]}
from wizard.__main__ import main
main()
"""
    with Terminal("--sandbox", home=tmp_path, size=(120, 40), program=("-c", code)) as terminal:
        terminal.begin().press("tab").type("Asha").wait_for("Asha").press("f9")
        assert terminal.wait_exit() == 70
    text = " ".join(terminal.raw.decode().rpartition("\x1b[?1049l")[2].split())
    assert "Your answers are saved" in text
    assert "Traceback" not in text
    assert "secret" not in text
    (report,) = tmp_path.glob("crash-*.txt")
    assert "LookupError" in report.read_text()
    assert answers(tmp_path)["name"] == "Asha"


def answers(home: Path) -> dict[str, object]:
    with closing(sqlite3.connect(home / FILE_NAME)) as file:
        ((text,),) = file.execute("SELECT answers FROM drafts").fetchall()
    found: dict[str, object] = json.loads(text)
    return found
