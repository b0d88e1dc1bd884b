"""Fills the texts of `prompt.yaml`, all that a model is told in a rehearsal."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import Template
from typing import Any, Final

from wizard.contract.choices import OPT_OUT_SCRIPT
from wizard.formats.yaml_text import parse_yaml
from wizard.rehearsal.plan import CallPlan, spoken_now
from wizard.rehearsal.tools import Tool

_ROOM: Final = "wizard.rehearsal"


@cache
def _data(name: str) -> Any:
    return parse_yaml(files(_ROOM).joinpath(name).read_bytes(), name, any_keys=True)


def wording(*names: str, **values: str) -> str:
    """Return a text of `prompt.yaml`, filled."""
    text = _data("prompt.yaml")
    for name in names:
        text = text[name]
    return Template(text).substitute(values).strip()


@dataclass(frozen=True, slots=True)
class Caller:
    """A person whom the model plays."""

    name: str
    title: str
    person: str


@cache
def callers() -> tuple[Caller, ...]:
    """Return the callers of `callers.yaml`."""
    return tuple(Caller(**entry) for entry in _data("callers.yaml"))


def find_caller(description: str) -> Caller:
    """Return the caller of a name, or one of one's own with this description."""
    known = {caller.name: caller for caller in callers()}
    return known.get(description.strip(), Caller("own", "A caller", description.strip()))


def assistant_prompt(plan: CallPlan, tools: Sequence[Tool], *, takes_tools: bool) -> str:
    """Return what the model that plays the assistant is told."""
    sections = "\n".join(_sections(plan, tools, takes_tools=takes_tools))
    return wording(
        "assistant",
        name=plan.text("name") or plan.filled("{{assistant_name}}"),
        company=plan.text("company_name") or plan.filled("{{company_name}}"),
        language=plan.language,
        length=_length(plan.payload.get("utterance_length")),
        now=spoken_now(plan.now),
        goal=plan.text("goal") or "as in the script.",
        script=plan.text("script"),
        sections=sections,
    )


def _length(value: Any) -> str:
    lengths: Mapping[str, str] = _data("prompt.yaml")["lengths"]
    return lengths.get(str(value), lengths["3"])


def _sections(plan: CallPlan, tools: Sequence[Tool], *, takes_tools: bool) -> Iterator[str]:
    yield wording("sections", "outbound" if plan.is_outbound else "inbound")
    if plan.is_on("is_opt_out"):
        script = plan.text("opt_out_script") or OPT_OUT_SCRIPT
        yield wording("sections", "opt_out", opt_out_script=script)
    if takes_tools:
        yield wording("sections", "tools")
    else:
        yield wording("sections", "marked", tools="\n".join(map(_marked, tools)))
    closing = plan.closing and wording("sections", "closing", closing_message=plan.closing)
    yield wording("sections", "end", closing=closing)


def _marked(tool: Tool) -> str:
    parameters = "; ".join(f"{name}: {about}" for name, about in tool.parameters.items())
    about = " ".join(tool.description.split())
    return f"- {tool.name}: {about}" + (f" Parameters: {parameters}" if parameters else "")


def caller_prompt(plan: CallPlan, caller: Caller) -> str:
    """Return what the model that plays the caller is told."""
    other = "German" if plan.language == "English" else "English"
    company = plan.text("company_name") or plan.filled("{{company_name}}")
    known = plan.contact.items()
    facts = "; ".join(f"{name.replace('_', ' ')}: {text}" for name, text in known)
    return wording(
        "caller",
        person=Template(caller.person).safe_substitute(other_language=other),
        side=wording("caller_called" if plan.is_outbound else "caller_calls", company=company),
        facts=facts or "none",
        language=plan.language,
        hang_up=hang_up_sign(),
    )


def hang_up_sign() -> str:
    """Return what the caller's model writes to hang up."""
    return wording("hang_up")
