"""Saves a draft as a template, in one file that can be shared."""

import re
from pathlib import Path as FilePath
from typing import Any, Final

from wizard.contract.assistant import QUESTIONS, labels_of
from wizard.contract.conditions import is_empty
from wizard.contract.masking import SECRET
from wizard.draft.draft import Draft
from wizard.errors import NotReady, NotWritten
from wizard.exchange.exporting import as_yaml
from wizard.formats import paths
from wizard.formats.files import write_new
from wizard.formats.paths import MISSING
from wizard.formats.text import without_accents
from wizard.templates.library import own_folder
from wizard.templates.template import OPENING, Template, problems_of

_NAME: Final = re.compile("[a-z0-9]+(?:-[a-z0-9]+)*")
_LONGEST_NAME: Final = 60


def name_for(title: str) -> str:
    """The name of a template with this title: lower-case letters, digits and hyphens."""
    plain = without_accents(title.casefold())
    words = re.findall("[a-z0-9]+", plain)
    return "-".join(words)[:_LONGEST_NAME].strip("-")


def save_as_template(
    draft: Draft,
    name: str,
    home: FilePath,
    *,
    title: str = "",
    replace: bool = False,
) -> FilePath:
    """Write the answers of a draft, without secrets, to a private file in `home`'s templates.

    Returns the file. Raises NotReady if an answer is not valid. Raises NotWritten if the name is
    not valid, if the file cannot be written, or if it exists and `replace` is false.
    """
    if not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
        raise NotWritten(
            f"{name!r} cannot be a template's name: use lower-case letters, digits and hyphens, "
            f"at most {_LONGEST_NAME}, as in lead-qualification"
        )
    data = as_template(draft, name, title=title).as_data()
    for problem in problems_of(data):
        is_answer = problem.path[:1] == ("answers",)
        label = labels_of(problem.path[1:]) if is_answer else paths.write(problem.path)
        raise NotReady(f"the draft cannot be a template yet: {label}: {problem.message}")
    path = own_folder(home) / f"{name}.yaml"
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_new(str(path), f"{as_yaml(data)}\n", over=replace)
    except OSError as error:
        raise NotWritten(f"{path} cannot be written: {error.strerror or error}") from None
    except NotWritten as error:
        if not error.exists:
            raise
        message = f"the template {name} exists: choose another name, or replace it"
        raise NotWritten(message, exists=True) from None
    return path


def as_template(draft: Draft, name: str, *, title: str) -> Template:
    """The template made of a draft, valid or not.

    If the opening line or the actions are still those of the draft's own template, their texts in
    other languages are kept.
    """
    answers, base, original = _answers_to_keep(draft), draft.based_on, draft.template_answers()
    language = answers.get("language")
    openings: dict[str, dict[str, Any]] = {}
    if base and draft.get(OPENING[:1]) == original.get(OPENING[0]):
        openings = {code: dict(texts) for code, texts in base.openings.items()}
        if draft.get(("actions",)) != original.get("actions", MISSING):
            for texts in openings.values():
                texts.pop("actions", None)
        elif "actions" in base.answers:
            answers["actions"] = base.answers["actions"]
    opening: dict[str, Any] = {part: answers.pop(part) for part in OPENING if part in answers}
    if isinstance(language, str) and opening:
        others = openings.get(language, {}).items()
        openings[language] = opening | {n: v for n, v in others if n not in OPENING}
    else:
        answers |= opening
    return Template(
        name=name,
        title=title or name.replace("-", " ").capitalize(),
        about=base.about if base else "",
        answers=answers,
        openings=openings,
        sample=base.sample if base else {},
        reviewed=tuple(code for code in base.reviewed if code in openings) if base else (),
        own=True,
    )


def _answers_to_keep(draft: Draft) -> dict[str, Any]:
    """The answers without secrets, empty values and fields that are never asked."""
    answers = draft.shown
    if paths.get(answers, SECRET) is not MISSING:
        answers = paths.put(answers, SECRET, MISSING)
    never = {question.name for question in QUESTIONS if question.never_asked}
    return {n: v for n, v in answers.items() if n not in never and not is_empty(v)}
