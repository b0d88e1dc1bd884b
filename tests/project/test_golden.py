"""Compares payloads, exports and everything that scripts rely on with what was recorded.

The wording of sentences is not recorded. `GOLDEN=update pytest tests/project/test_golden.py`
records again, after a change that is meant; read the difference before you commit it.
`tests/golden/old` holds a home folder of version 0.1.0 and is never recorded again: such a folder
must always open.
"""

import hashlib
import importlib
import json
import lzma
import os
import pkgutil
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import pytest
from textual.binding import Binding
from textual.dom import DOMNode

import screens
from tests.golden.cases import AS_JSON, CASES, COMMANDS, CONVERSATIONS, EXITS, FILES, INPUTS
from tests.listener import KEY, Answer, listening

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).parents[1] / "golden"
UPDATE = os.environ.get("GOLDEN") == "update"
FORMS = ("json", "yaml", "curl", "python", "http")
SHOWN = ("full.json", "unicode.json", "widget key", "order-delivery ar-kw")
"""The cases whose exports are recorded whole; of the others there are digests."""


class Ran(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def objects(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


class Player:
    """A process that runs one command after another."""

    def __init__(self, home: Path) -> None:
        self.home = home
        kept = {name: value for name, value in os.environ.items() if not name.startswith("QCALL_")}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.golden.player"],
            cwd=ROOT,
            env=kept | {"TZ": "Asia/Kolkata", "COLUMNS": "80", "QCALL_WIZARD_HOME": str(home)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )

    def play(self, *arguments: str, stdin: str = "", key: str = "") -> Ran:
        assert self._process.stdin
        assert self._process.stdout
        given = {"arguments": arguments, "stdin": stdin, "key": key}
        self._process.stdin.write(json.dumps(given) + "\n")
        self._process.stdin.flush()
        ran = Ran(**json.loads(self._process.stdout.readline()))
        assert "Traceback" not in ran.err
        return ran

    def clear(self) -> None:
        """Forget the drafts and receipts."""
        shutil.rmtree(self.home, ignore_errors=True)

    def close(self) -> None:
        with self._process:
            pass


@pytest.fixture(scope="module")
def module_player() -> Iterator[Player]:
    # In memory if possible: hundreds of answers are each flushed to the disk.
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        player = Player(Path(folder) / "home")
        yield player
        player.close()


@pytest.fixture
def player(module_player: Player) -> Player:
    module_player.clear()
    return module_player


# --- recording


def compare(name: str, found: Mapping[str, Any]) -> None:
    """Compare with the record of a name, an entry a line, or write it."""
    path = GOLDEN / "recorded" / f"{name}.json"
    if UPDATE:
        lines = (f"{json.dumps(k)}: {json.dumps(v, ensure_ascii=False)}" for k, v in found.items())
        path.parent.mkdir(exist_ok=True)
        path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    recorded = json.loads(path.read_text(encoding="utf-8"))
    found = json.loads(json.dumps(found))
    assert list(found) == list(recorded)
    changed = {key: (recorded[key], found[key]) for key in found if recorded[key] != found[key]}
    assert not changed, f"{len(changed)} of {len(found)} differ from {path.name}: " + "\n".join(
        f"{key}\n  recorded {was}\n  now      {now}" for key, (was, now) in changed.items()
    )


def compare_text(path: Path, found: str) -> None:
    """Compare with a recorded text, or record it."""
    if UPDATE:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(found.encode())
    assert found == path.read_bytes().decode()


def digest(text: str | bytes) -> str:
    data = text.encode() if isinstance(text, str) else text
    return hashlib.sha256(data).hexdigest()[:16]


def summary(text: str, like: Mapping[str, Any] | None) -> dict[str, Any]:
    """A payload's digest, and its members; with `like` only those that differ from it."""
    data = json.loads(text)
    if like is None:
        return {"digest": digest(text), "payload": data}
    changed = {k: v for k, v in data.items() if k not in like or like[k] != v}
    missing = [name for name in like if name not in data]
    return {"digest": digest(text), "changed": changed, "missing": missing}


# --- payloads


@pytest.fixture(scope="module")
def made(module_player: Player) -> dict[str, Ran]:
    return {name: module_player.play("new", *case.arguments) for name, case in CASES.items()}


@pytest.fixture(scope="module")
def written(made: dict[str, Ran], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The payloads as files, by the names of their cases."""
    folder = tmp_path_factory.mktemp("payloads")
    files = {}
    for number, (name, ran) in enumerate(made.items()):
        files[name] = str(folder / f"{number}.json")
        Path(files[name]).write_bytes(ran.out.encode())
    return files


def test_payloads_are_as_recorded(made: dict[str, Ran]) -> None:
    found = {}
    for name, ran in made.items():
        like = CASES[name].like
        base = json.loads(made[like].out) if like else None
        found[name] = {"code": ran.code, **summary(ran.out, base)}
    compare("payloads", found)


def test_exports_are_as_recorded(player: Player, written: dict[str, str]) -> None:
    found: dict[str, Any] = {}
    for name, file in written.items():
        if not CASES[name].exported:
            continue
        for form in FORMS:
            ran = player.play("export", file, "--as", form)
            found[f"{name}, {form}"] = [ran.code, digest(ran.out)]
            if name in SHOWN and form != "json":
                plain = re.sub(r"\W", "-", name)
                compare_text(GOLDEN / "exports" / f"{plain}.{form}", ran.out)
    compare("exports", found)


def test_sent_requests_are_as_recorded(player: Player, written: dict[str, str]) -> None:
    files = {f"file {name}": f"{INPUTS}/{name}" for name in FILES}
    files |= {name: written[name] for name in written if CASES[name].exported}
    results = player.play("validate", "--json", "--no-advice", *files.values()).objects
    valid = {name: file for (name, file), one in zip(files.items(), results, strict=True)
             if one["valid"]}  # fmt: skip
    with listening() as heard:
        ran = player.play(
            "submit", "--base-url", heard.url, "--yes", "--json", "--pace", "0", *valid.values(),
            key=KEY,
        )  # fmt: skip
    assert set(heard.keys) == {KEY}
    assert set(heard.types) == {"application/json"}
    bodies = iter(heard.bodies)
    found = {
        name: digest(next(bodies)) if one["outcome"] == "created" else one["outcome"]
        for name, one in zip(valid, ran.objects, strict=True)
    }
    assert not list(bodies)
    compare("sent", found)
    shown = [body for body in heard.bodies if json.loads(body)["name"] == "Asha"]
    compare_text(GOLDEN / "exports" / "sent.body", shown[0].decode())


def test_validity_is_as_recorded(player: Player, written: dict[str, str]) -> None:
    files = {f"file {name}": f"{INPUTS}/{name}" for name in FILES}
    files |= {name: written[name] for name in written if CASES[name].exported}
    ran = player.play("validate", "--json", *files.values())
    found = {}
    for name, one in zip(files, ran.objects, strict=True):
        kinds = {kind: [f"{p['code']} {p['path']}" for p in one[kind]]
                 for kind in ("errors", "warnings")}  # fmt: skip
        found[name] = {"valid": one["valid"], **kinds}
    compare("validity", found)


# --- plain conversations


def asked(said: str, labels: Mapping[str, list[str]]) -> list[str]:
    """The fields that were asked, in order; a label may be that of several fields."""
    found = []
    for line in said.splitlines():
        fits = [label for label in labels if re.fullmatch(rf"{re.escape(label)}\b.*:", line)]
        if fits:
            found.append(" or ".join(labels[max(fits, key=len)]))
    return found


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_plain_questions_and_answers_are_as_recorded(player: Player, name: str) -> None:
    labels: dict[str, list[str]] = {}
    for field in player.play("fields", "--json").objects:
        labels.setdefault(field["label"], []).append(field["field"])
    conversation = CONVERSATIONS[name]
    typed = (GOLDEN / "plain" / conversation.file).read_text(encoding="utf-8")
    ran = player.play("--plain", "--sandbox", *conversation.arguments, stdin=typed)
    drafts = player.play("drafts", "--json").objects
    assert len(drafts) == 1
    exported = player.play("export", drafts[0]["id"], "--as", "json")
    found = {
        "code": ran.code,
        "asked": asked(ran.out, labels),
        "outcomes": [one["outcome"] for one in player.play("receipts", "--json").objects],
        **summary(exported.out, None),
    }
    compare(f"plain-{name.replace(' ', '-').replace(',', '')}", found)


def test_plain_questions_send_the_bytes_that_submit_sends(player: Player) -> None:
    typed = (GOLDEN / "plain" / "submit.txt").read_text(encoding="utf-8")
    source = f"{INPUTS}/outbound.json"
    with listening() as heard:
        ran = player.play(
            "--plain", "--base-url", heard.url, "--from", source, stdin=typed, key=KEY
        )
        assert ran.code == 0
        again = player.play("submit", "--base-url", heard.url, "--yes", "--again", source, key=KEY)
        assert again.code == 0
    assert heard.bodies[0] == heard.bodies[1]


# --- the command line


def test_commands_have_the_recorded_options(player: Player) -> None:
    found = {}
    for command in COMMANDS:
        ran = player.play(*command.split(), "--help")
        assert ran.code == 0
        rows = re.findall(
            r"^  (-\S+(?:, -\S+)*)(?: ([A-Z][A-Z=]*))?(?:  |$)", ran.out, re.MULTILINE
        )
        found[command] = sorted(" ".join(filter(None, row)) for row in rows)
    compare("options", found)


def test_exit_codes_are_as_recorded(player: Player) -> None:
    found = {command: player.play(*shlex.split(command)).code for command in EXITS}
    answers: dict[str, Callable[[int], Answer | None]] = {
        "created": lambda _: None,
        "refused with 400": lambda _: Answer(400, {"error": 400, "message": "no"}),
        "refused with 401": lambda _: Answer(401, {"message": "no"}),
        "refused with 403": lambda _: Answer(403, {"message": "no"}),
        "too many requests": lambda _: Answer(429, {"message": "no"}, {"retry-after": "9999"}),
        "success false": lambda _: Answer(200, {"success": False, "message": "no", "status": 400}),
        "redirected": lambda _: Answer(307, {}, {"location": "http://127.0.0.1:1/"}),
        "server failed": lambda _: Answer(500, {"message": "no"}),
        "cut": lambda _: Answer(cut=True),
        "another shape": lambda _: Answer(200, [1]),
    }
    for name, answer in answers.items():
        player.clear()
        with listening(answer) as heard:
            send = ("submit", "--base-url", heard.url, "--yes", f"{INPUTS}/outbound.json")
            found[f"submit, {name}"] = player.play(*send, key=KEY).code
    player.clear()
    found["submit, unreachable"] = player.play(*send, key=KEY).code
    compare("exit-codes", found)


def keys_of(value: Any, at: str = "") -> Iterator[str]:
    """The paths of all members, in order."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield f"{at}{name}"
            yield from keys_of(member, f"{at}{name}.")
    elif isinstance(value, list):
        for item in value:
            yield from keys_of(item, f"{at.removesuffix('.')}[].")


# Of these the members are data, not names that a script can rely on.
_DATA = re.compile(r"^(answers|sample|before|after|body|example|resting|voice_data)[.\[]")


def test_json_has_the_recorded_keys(player: Player) -> None:
    player.play("--plain", "--sandbox", "--from", f"{INPUTS}/full.json", stdin=":leave\n")
    found = {}
    for command in AS_JSON:
        ran = player.play(*shlex.split(command))
        named = dict.fromkeys(key for one in ran.objects for key in keys_of(one))
        found[command] = [key for key in named if not _DATA.match(key)]
        assert found[command]
    receipt = player.play("receipts", "--json").objects[0]["receipt"]
    found["receipts show"] = list(player.play("receipts", "show", "--json", receipt).objects[0])
    compare("json-keys", found)


# Sentences that may be written otherwise.
_WORDS = ("label", "help", "allowed", "asked", "note")


def test_fields_are_as_recorded(player: Player) -> None:
    fields = player.play("fields", "--json").objects
    compare(
        "fields",
        {one["field"]: {k: v for k, v in one.items() if k not in _WORDS} for one in fields},
    )


def without_words(value: Any) -> Any:
    """A JSON Schema without its sentences."""
    if isinstance(value, list):
        return [without_words(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: without_words(member)
        for name, member in value.items()
        if not (name in ("title", "description", "$comment") and isinstance(member, str))
    }


def test_the_schema_is_as_recorded(player: Player) -> None:
    schema = without_words(json.loads(player.play("schema").out))
    members = schema.pop("properties")
    compare("schema", {"schema": schema, **members})


def test_codes_of_advice_are_as_recorded(player: Player) -> None:
    codes = [re.findall("QW[0-9]+", line)[0] for line in player.play("advice").out.splitlines()
             if "QW" in line]  # fmt: skip
    compare("advice", dict.fromkeys(codes, ""))


def kinds_of(kind: type) -> Iterator[type]:
    for inner in kind.__subclasses__():
        yield inner
        yield from kinds_of(inner)


def test_keys_have_the_recorded_ids() -> None:
    for module in pkgutil.walk_packages(screens.__path__, "screens."):
        importlib.import_module(module.name)
    keys: dict[str, set[str]] = {}
    for kind in kinds_of(DOMNode):
        if kind.__module__.startswith("screens."):
            for binding in vars(kind).get("BINDINGS", ()):
                if isinstance(binding, Binding) and binding.id:
                    keys.setdefault(binding.id, set()).add(binding.key)
    compare("keys", {name: sorted(keys[name]) for name in sorted(keys)})


# --- the file of drafts and receipts


def test_a_new_database_has_the_recorded_tables(player: Player) -> None:
    player.play("--plain", "--sandbox", stdin="1\n1\n:leave\n")
    with closing(sqlite3.connect(player.home / "wizard.sqlite3")) as connection:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        tables = connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
    found = {name: " ".join(sql.split()) for name, sql in tables if sql}
    compare("tables", {"user_version": version, **found})


@pytest.fixture
def old_home(player: Player) -> Path:
    """The home folder of an earlier version, in the place of the player's."""
    (player.home / "templates").mkdir(parents=True)
    shutil.copy(GOLDEN / "old" / "our-own.yaml", player.home / "templates")
    data = lzma.decompress((GOLDEN / "old" / "wizard.sqlite3.xz").read_bytes())
    (player.home / "wizard.sqlite3").write_bytes(data)
    return player.home


def rows_of(home: Path) -> dict[tuple[Any, ...], dict[str, Any]]:
    """All rows by their table and primary key."""
    found = {}
    with closing(sqlite3.connect(home / "wizard.sqlite3")) as connection:
        connection.row_factory = sqlite3.Row
        for table, keys in _ROWS.items():
            for row in connection.execute(f"SELECT * FROM {table}"):
                found[table, *(row[key] for key in keys)] = dict(row)
    return found


_ROWS = {
    "drafts": ("id",),
    "edits": ("draft", "n"),
    "receipts": ("id",),
    "shelf": ("n",),
    "settings": ("name",),
}
# A hash of the meaning may take the place of one of the bytes, and one of a key that of its end.
_MADE_ANEW = ("hash", "key_end", "checksum")


def test_an_old_database_opens_with_every_row(player: Player, old_home: Path) -> None:
    before = rows_of(old_home)
    assert len(before) == 127
    for listing in ("drafts", "drafts --deleted", "receipts", "templates"):
        assert player.play(*listing.split(), "--json").code == 0
    after = rows_of(old_home)
    for key, row in before.items():
        for column, value in row.items():
            if column not in _MADE_ANEW and column in after[key]:
                assert _shown(after[key][column]) == _shown(value), (key, column)


def test_the_copy_of_an_old_database_has_no_key_of_it(player: Player, old_home: Path) -> None:
    assert player.play("drafts").code == 0
    with closing(sqlite3.connect(old_home / "wizard.backup.sqlite3")) as copy:
        assert {end for (end,) in copy.execute("SELECT key_end FROM receipts")} == {""}
        assert b"widget-key" not in b"".join(body for (body,) in copy.execute(_BODIES))


_BODIES = "SELECT CAST(body AS BLOB) FROM shelf"


def _shown(value: Any) -> Any:
    """A value of a row; the key of a widget is masked since version 2."""
    text = value.decode() if isinstance(value, bytes) else value
    if not isinstance(text, str) or not text.startswith("{"):
        return value
    payload = json.loads(text)
    if "api_key" in payload.get("widget_config", ()):
        payload["widget_config"]["api_key"] = "********"
    return payload


def test_the_content_of_an_old_database_is_as_recorded(player: Player, old_home: Path) -> None:
    found: dict[str, Any] = {}
    drafts = player.play("drafts", "--json").objects
    for draft in [*drafts, *player.play("drafts", "--deleted", "--json").objects]:
        found[f"draft {draft['id']}"] = draft
        if not draft["deleted"]:
            exported = player.play("export", draft["id"], "--as", "json")
            found[f"payload of {draft['id']}"] = digest(exported.out)
    for receipt in player.play("receipts", "--json").objects:
        kept = {k: v for k, v in receipt.items() if k not in ("title", "message", *_MADE_ANEW)}
        found[f"receipt {receipt['receipt']}"] = kept
        body = player.play("receipts", "show", receipt["receipt"], "--body")
        found[f"body of {receipt['receipt']}"] = digest(body.out)
    own = player.play("templates", "show", "our-own", "--json")
    found["own template"] = digest(json.dumps(own.objects[0]["answers"], sort_keys=True))
    compare("old-home", found)


def test_an_old_draft_can_be_undone_and_a_deleted_one_restored(
    player: Player, old_home: Path
) -> None:
    moved = next(one for one in player.play("drafts", "--json").objects if one["name"] == "First")
    typed = ":undo\n" * 20 + ":leave\n"
    player.play("--plain", "--sandbox", "--draft", moved["id"], stdin=typed)
    undone = json.loads(player.play("export", moved["id"], "--as", "json").out)
    assert undone["name"] == "Asha"
    assert len(undone["actions"]) == 4
    deleted = player.play("drafts", "--deleted", "--json").objects[0]["id"]
    assert player.play("drafts", "restore", deleted).code == 0
    assert player.play("drafts", "show", deleted).code == 0


def test_an_old_database_prevents_a_second_creation(player: Player, old_home: Path) -> None:
    send = ("submit", "--sandbox", "--yes", "--json", f"{INPUTS}/outbound.json")
    ran = player.play(*send)
    assert (ran.code, ran.objects[0]["outcome"]) == (5, "not_sent")
