"""Saves a draft as a template of one's own: one file, which can be shared as it is."""

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path as FilePath
from secrets import token_hex
from typing import Any, BinaryIO, Final
from unicodedata import combining, normalize

from wizard import paths
from wizard.assistant import QUESTIONS, SECRETS
from wizard.conditions import is_empty
from wizard.draft import Draft
from wizard.errors import NotReady, NotWritten
from wizard.exports import as_yaml
from wizard.paths import MISSING
from wizard.templates.library import own_folder
from wizard.templates.template import OPENING, Template, problems_of

_NAME: Final = re.compile("[a-z0-9]+(?:-[a-z0-9]+)*")
_LONGEST_NAME: Final = 60


def name_for(title: str) -> str:
    """The name that a template of this title has: small letters, digits and hyphens."""
    plain = "".join(c for c in normalize("NFKD", title.casefold()) if not combining(c))
    words = re.findall("[a-z0-9]+", plain)
    return "-".join(words)[:_LONGEST_NAME].strip("-")


def save_as_template(
    draft: Draft,
    name: str,
    home: FilePath,
    *,
    title: str = "",
    about: str = "",
    replace: bool = False,
) -> FilePath:
    """Write the answers of a draft to `templates` in `home`; returns the file, for its owner alone.

    No secret is in it. Raises NotReady where an answer breaks the contract, NotWritten where the
    name is none, where the file cannot be written, or where there is one and it is not to be
    replaced.
    """
    if not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
        raise NotWritten(
            f"{name!r} is no name for a template: it has small letters, digits and hyphens, "
            f"at most {_LONGEST_NAME}, as in lead-qualification"
        )
    data = as_template(draft, name, title=title, about=about).as_data()
    for problem in problems_of(data):
        raise NotReady(f"the draft makes no template yet: {problem}")
    path = own_folder(home) / f"{name}.yaml"
    _write(path, as_yaml(data) + "\n", replace=replace)
    return path


def as_template(draft: Draft, name: str, *, title: str = "", about: str = "") -> Template:
    """The template that a draft comes to; it need not be ready for anything.

    The opening line of another language is kept from the template that the draft began with,
    where its own opening line is still the one of that.
    """
    answers, base = _kept(draft), draft.based_on
    language = answers.get("language")
    openings: dict[str, Mapping[str, str]] = {}
    if base and draft.get(OPENING[:1]) == draft.template_answers().get(OPENING[0]):
        openings.update(base.openings)
    said: dict[str, Any] = {part: answers.pop(part) for part in OPENING if part in answers}
    if isinstance(language, str) and said:
        openings[language] = said
    else:
        answers |= said
    return Template(
        name=name,
        title=title or name.replace("-", " ").capitalize(),
        about=about or (base.about if base else ""),
        answers=answers,
        openings=openings,
        sample=base.sample if base else {},
        reviewed=tuple(code for code in base.reviewed if code in openings) if base else (),
        own=True,
    )


def _kept(draft: Draft) -> dict[str, Any]:
    """The answers without secrets and without what is empty or follows from others."""
    answers = draft.answers
    for path in SECRETS:
        if paths.get(answers, path) is not MISSING:
            answers = paths.put(answers, path, MISSING)
    never = {question.name for question in QUESTIONS if question.never_asked}
    return {n: v for n, v in answers.items() if n not in never and not is_empty(v)}


def _write(path: FilePath, text: str, *, replace: bool) -> None:
    """Write a file whole or not at all."""
    part = path.with_name(f".{path.stem}.{token_hex(4)}.part")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _create(part) as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        if not replace:
            _reserve(path)
        part.replace(path)
    except OSError as error:
        raise NotWritten(f"{path} cannot be written: {error.strerror or error}") from None
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _create(path: FilePath) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _reserve(path: FilePath) -> None:
    """Make an empty file, so that no other program makes one of that name."""
    try:
        _create(path).close()
    except FileExistsError:
        told = f"there is a template {path.stem} already: choose another name, or replace it"
        raise NotWritten(told, exists=True) from None
