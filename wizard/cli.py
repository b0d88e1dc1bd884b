"""The command line as it is declared: commands, options and help. The bodies import late."""

from typing import TYPE_CHECKING

import click

from wizard.commands.options import Common, Group, LateChoice, common

if TYPE_CHECKING:
    from pathlib import Path


def _steps() -> dict[str, str]:
    from wizard.steps import STEPS

    return {info.step.value: info.about for info in STEPS}


def _faults() -> dict[str, str]:
    from wizard.sandbox import FAULTS

    return {fault.value: acting.says for fault, acting in FAULTS.items()}


def _templates(context: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """The names that complete what was typed; none of their files is read."""
    from wizard.templates import template_names

    home = context.ensure_object(Common).kept_in()
    return [name for name in template_names(home) if name.startswith(incomplete)]


def _languages() -> dict[str, str]:
    from wizard.choices import LANGUAGES

    return dict(LANGUAGES)


def _forms() -> dict[str, str]:
    from wizard.forms import Form

    return {form.value: form.about for form in Form}


_FILE = click.Path(readable=False, allow_dash=True)
_SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group("qcall-wizard", cls=Group, invoke_without_command=True, context_settings=_SETTINGS)
@click.option(
    "--from",
    "payload",
    metavar="FILE",
    type=_FILE,
    help="Begin with the answers in FILE: a payload as JSON or YAML, an answer of the API, a curl"
    " command, or a script (.txt, .md); - is standard input.",
)
@click.option(
    "--template",
    metavar="NAME",
    shell_complete=_templates,
    help="Begin with a template; `templates` lists them. A file that ends in .yaml is one too.",
)
@click.option("--draft", metavar="ID", help="Go on with a draft; `drafts` lists them.")
@click.option(
    "--receipt", metavar="ID", help="Begin with what was sent once; `receipts` lists that."
)
@click.option(
    "--plain",
    is_flag=True,
    help="Ask in lines of plain text: for screen readers, dumb terminals and pipes.",
)
@click.pass_context
@common
def qcall_wizard(
    context: click.Context,
    *,
    payload: str | None,
    template: str | None,
    draft: str | None,
    receipt: str | None,
    plain: bool,
) -> int:
    """\b
    Examples:
      qcall-wizard                       create an assistant, step by step
      qcall-wizard --from payload.json   begin with the answers in a file
      qcall-wizard --template win-back   begin with a template
      qcall-wizard --draft 4f1c          go on with a draft
      qcall-wizard --sandbox             try things out where nothing is real
      qcall-wizard --plain               the same questions, as lines of text
      qcall-wizard validate *.json       judge payloads without the screens

    Creates QCall.ai voice assistants: asks what an assistant needs, shows the request, sends it.
    Without QCALL_API_KEY in the environment it works on the sandbox inside the program.

    \b
    To have the Tab key complete commands and options:
      bash   eval "$(_QCALL_WIZARD_COMPLETE=bash_source qcall-wizard)"
      zsh    eval "$(_QCALL_WIZARD_COMPLETE=zsh_source qcall-wizard)"
      fish   _QCALL_WIZARD_COMPLETE=fish_source qcall-wizard | source
    """
    given = {"--from": payload, "--template": template, "--draft": draft, "--receipt": receipt}
    named = [option for option, value in given.items() if value is not None]
    if context.invoked_subcommand is not None:
        return _alone(context, [*named, *_flags(plain=plain)], "opens the wizard")
    if len(named) > 1:
        raise click.UsageError(f"{' and '.join(named)} exclude each other: name one.", context)
    from wizard.commands import start

    told = context.ensure_object(Common)
    return start.run(
        told.settings(),
        payload=payload,
        template=template,
        draft=draft,
        receipt=receipt,
        plain=plain,
        log=told.log,
    )


def _alone(context: click.Context, named: list[str], does: str) -> int:
    """Refuse options of a command where one of its own commands is called."""
    if named:
        told = f"{named[0]} {does}; it does not go with {context.invoked_subcommand}."
        raise click.UsageError(told, context)
    return 0


@qcall_wizard.command(short_help="Make a payload of answers, without questions.")
@click.option("--template", metavar="NAME", help="Begin with a template; `templates` lists them.")
@click.option(
    "--from", "file", metavar="FILE", type=_FILE, help="Begin with the payload in FILE instead."
)
@click.option(
    "--set",
    "answers",
    metavar="FIELD=VALUE",
    multiple=True,
    help="Answer a field; as often as there are answers.",
)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(readable=False),
    help="Write to FILE, as YAML where its name ends so. A FILE that was read is rewritten.",
)
@click.option("--force", is_flag=True, help="Write over another file that is there.")
@common
def new(
    template: str | None,
    file: str | None,
    answers: tuple[str, ...],
    output: str | None,
    force: bool,
) -> int:
    """\b
    Examples:
      qcall-wizard new --template lead-qualification --set name=Asha > payload.json
      qcall-wizard new --from payload.yaml --set voice_speed=1.2 -o payload.yaml
      qcall-wizard new --from payload.json --set script=@script.txt
      qcall-wizard new --set actions[0].type=sendMessage --set 'fillers=["umm"]'

    Prints the payload that the answers come to. FIELD is a path as `fields` lists them, with
    indexes; the index after the last adds an item. VALUE is text, or JSON where the field takes
    no text or where it stands in double quotes; @FILE is what FILE holds, @- standard input, and
    @@ begins a text with one @. What is missing, wrong or does not apply is told on standard
    error; the exit code is 1 while something is missing or wrong.
    """
    if template is not None and file is not None:
        raise click.UsageError("--template and --from exclude each other: name one.")
    from wizard.commands import new as command

    return command.run(_home(), template, file, answers, output, over=force)


@qcall_wizard.command(short_help="Judge payloads by the contract.")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=_FILE)
@click.option("--json", "as_json", is_flag=True, help="Print JSON Lines, one object a payload.")
@click.option(
    "--lines", "in_lines", is_flag=True, help="Read one payload a line, whatever a FILE is called."
)
@click.option("--no-advice", is_flag=True, help="Tell errors alone, which is several times faster.")
@common
def validate(files: tuple[str, ...], as_json: bool, in_lines: bool, no_advice: bool) -> int:
    """\b
    Examples:
      qcall-wizard validate payload.json
      qcall-wizard validate --json payloads.jsonl | jq 'select(.valid | not)'
      curl -s https://example.com/payload.yaml | qcall-wizard validate -
      zcat payloads.gz | qcall-wizard validate --lines --no-advice -

    Judges payloads: JSON or YAML, bare or in the API's envelope. A FILE that ends in .jsonl holds
    one payload a line; - is standard input. An error makes a payload invalid, advice does not.
    The exit code is 0 where every payload is valid, else 1.
    """
    from wizard.commands import validate as command

    return command.run(files, as_json, in_lines=in_lines, advice=not no_advice)


@qcall_wizard.command(short_help="Create assistants of payloads.")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=_FILE)
@click.option("--yes", is_flag=True, help="Send without asking.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON Lines, one object a payload.")
@click.option("--dry-run", is_flag=True, help="Print the requests, the keys out; send nothing.")
@click.option("--again", is_flag=True, help="Send also what was created before.")
@click.option(
    "--pace",
    metavar="SECONDS",
    type=click.FloatRange(0, 3600),
    default=1.0,
    help="Wait so long between two requests; 1 without this option.",
)
@common
def submit(
    *, files: tuple[str, ...], yes: bool, as_json: bool, dry_run: bool, again: bool, pace: float
) -> int:
    """\b
    Examples:
      qcall-wizard submit payload.json
      qcall-wizard submit --dry-run payload.yaml
      qcall-wizard submit --yes --json payloads.jsonl | jq -r .id
      qcall-wizard submit 4f1c

    Judges all payloads, shows what goes where, asks once, and sends one after another. FILE is
    one as for validate, or the id of a draft. Nothing is sent where one is invalid. Each attempt
    leaves a receipt, so the same command can be stopped and run again: what was created is passed
    over.

    \b
    The exit code is that of the gravest outcome:
      0  created; what was created before does not count where others were created now
      1  a payload is invalid or cannot be read, and nothing was sent
      3  refused
      4  unknown: it may have been created
      5  not sent: no key, unreachable, rate limited, not agreed to, created before
    """
    from wizard.commands import submit as command

    told = click.get_current_context().ensure_object(Common)
    options = command.Options(yes, as_json, dry_run, again, pace)
    return command.run(told.settings(), files, options, told.log)


@qcall_wizard.command(short_help="Print a payload in another form.")
@click.argument("wanted", metavar="FILE|DRAFT", type=_FILE)
@click.option(
    "--as",
    "form",
    metavar="FORM",
    type=LateChoice("FORM", _forms),
    required=True,
    help="The form to print it in.",
)
@click.option(
    "-o", "--output", metavar="FILE", type=click.Path(readable=False), help="Write it to FILE."
)
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@common
def export(wanted: str, form: str, output: str | None, force: bool) -> int:
    """\b
    Examples:
      qcall-wizard export payload.json --as yaml
      qcall-wizard export 4f1c --as curl > create.sh
      qcall-wizard --base-url http://127.0.0.1:8700/api/v1 export payload.json --as python

    Prints a payload in another form: that of a file, or of a draft, a receipt or a template by
    its id or name. The programs send the same bytes as the wizard; they take the API key from
    QCALL_API_KEY, and a key inside widget_config from QCALL_WIDGET_KEY. No key is in any form.
    """
    from wizard.commands import export as command
    from wizard.forms import Form

    told = click.get_current_context().ensure_object(Common)
    return command.run(told.settings(), wanted, Form(form), output, over=force)


@qcall_wizard.command(short_help="Say what two payloads differ in.")
@click.argument("first", metavar="A", type=_FILE)
@click.argument("second", metavar="B", type=_FILE)
@click.option("--json", "as_json", is_flag=True, help="Print JSON Lines, one object a difference.")
@common
def diff(first: str, second: str, as_json: bool) -> int:
    """\b
    Examples:
      qcall-wizard diff old.json new.yaml
      qcall-wizard diff 4f1c payload.json
      qcall-wizard diff lead-qualification 4f1c --json | jq -r .path

    Prints what B has that A has not and the other way round, field by field, long texts word by
    word: [-removed-] and {+added+}. A and B are files, or drafts, receipts and templates by their
    id or name. Actions are followed where they moved. The key of a widget is masked.
    """
    from wizard.commands import diff as command

    return command.run(_home(), first, second, as_json=as_json)


@qcall_wizard.command(short_help="Print the JSON Schema of a payload.")
@common
def schema() -> int:
    """\b
    Examples:
      qcall-wizard schema > assistant.schema.json
      qcall-wizard schema | jq .required

    Prints the JSON Schema (2020-12) of a payload, for editors and other programs. Rules that
    compare two values, as that a day's end comes after its start, are judged by validate alone.
    """
    from wizard.commands import describe

    return describe.schema()


@qcall_wizard.command(short_help="List every field of a payload.")
@click.option(
    "--step", metavar="STEP", type=LateChoice("STEP", _steps), help="Only the fields of STEP."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON Lines, one object a field.")
@common
def fields(step: str | None, as_json: bool) -> int:
    """\b
    Examples:
      qcall-wizard fields
      qcall-wizard fields --step voice
      qcall-wizard fields --json | jq -r 'select(.required).field'

    Lists every field: its step and label, what is allowed, when it is asked and when it is sent,
    and the resting value that is sent while there is no answer.
    """
    from wizard.commands import describe

    return describe.fields(step, as_json)


@qcall_wizard.command(short_help="List what advice looks at.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON Lines, one object a code.")
@common
def advice(as_json: bool) -> int:
    """\b
    Examples:
      qcall-wizard advice
      qcall-wizard advice --json | jq 'select(.code == "QW151").example'
      qcall-wizard validate --json payload.json | jq -r '.warnings[].code'

    Lists the codes of advice: what each stands for, and in the JSON an example that raises it.
    Advice is what `validate` and the screens tell beside errors; it makes no payload invalid.
    """
    from wizard.commands import advice as command

    return command.run(as_json)


@qcall_wizard.group(short_help="List the starter templates.", invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON Lines, one object a template.")
@click.pass_context
@common
def templates(context: click.Context, as_json: bool) -> int:
    """\b
    Examples:
      qcall-wizard templates
      qcall-wizard templates show lead-qualification --language de
      qcall-wizard --template lead-qualification
      qcall-wizard templates --json | jq -r .name

    Lists the templates that an assistant can begin with: the program's, and your own. Yours are
    the files in the folder `templates` beside the drafts; to share one, give the file away. A file
    that does not fit is told with its line, and the exit code is 1.
    """
    if context.invoked_subcommand is not None:
        return _alone(context, _flags(json=as_json), "is for the list")
    from wizard.commands import templates as command

    return command.run(_home(), as_json=as_json)


@templates.command("show", short_help="Print what a template says.")
@click.argument("name", metavar="NAME", shell_complete=_templates)
@click.option(
    "--language",
    metavar="CODE",
    type=LateChoice("CODE", _languages),
    help="What is said first and last in this language.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one object with everything.")
@common
def show_template(name: str, language: str | None, as_json: bool) -> int:
    """\b
    Examples:
      qcall-wizard templates show appointment-booking
      qcall-wizard templates show ./mine.yaml --language hi
      qcall-wizard templates show win-back --json | jq .answers

    Prints what a template answers, its sample contact, and whether a speaker has read its texts
    in that language. NAME is one of the list, or a file that ends in .yaml.
    """
    from wizard.commands import templates as command

    return command.show(_home(), name, language, as_json=as_json)


@qcall_wizard.command(short_help="List the voices of the target.")
@click.option(
    "--language",
    metavar="CODE",
    type=LateChoice("CODE", _languages),
    help="Only the voices of a language.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON Lines, one object a voice.")
@common
def voices(language: str | None, as_json: bool) -> int:
    """\b
    Examples:
      qcall-wizard voices --language hi
      qcall-wizard voices --json | jq -r .voice_id
      qcall-wizard --sandbox voices

    Lists the voice catalogue of the target, or of the sandbox. The exit code is 3 where the
    server refuses the key, and 5 where no catalogue is to be had.
    """
    from wizard.commands import voices as command

    told = click.get_current_context().ensure_object(Common)
    return command.run(told.settings(), language, as_json=as_json, log=told.log)


@qcall_wizard.group(
    short_help="List, print, delete and restore drafts.", invoke_without_command=True
)
@click.option("--deleted", is_flag=True, help="List those that can be restored instead.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON Lines, one object a draft.")
@click.pass_context
@common
def drafts(context: click.Context, deleted: bool, as_json: bool) -> int:
    """\b
    Examples:
      qcall-wizard drafts
      qcall-wizard drafts show 4f1c > payload.json
      qcall-wizard drafts delete 4f1c
      qcall-wizard drafts --deleted
      qcall-wizard drafts --json | jq -r .id

    Lists the drafts that are kept on this machine, the one that was changed last first. An ID may
    be cut short as far as it stays the only one that begins so.
    """
    if context.invoked_subcommand is not None:
        return _alone(context, _flags(deleted=deleted, json=as_json), "is for the list")
    from wizard.commands import drafts as command

    return command.run(_home(), deleted=deleted, as_json=as_json)


@drafts.command("show", short_help="Print a draft's payload.")
@click.argument("wanted", metavar="ID")
@common
def show_draft(wanted: str) -> int:
    """\b
    Examples:
      qcall-wizard drafts show 4f1c
      qcall-wizard drafts show 4f1c | jq .script

    Prints the payload of a draft as it stands, as JSON; its widget_config.api_key is masked. What
    is missing or wrong is told on standard error.
    """
    from wizard.commands import drafts as command

    return command.show(_home(), wanted)


@drafts.command("delete", short_help="Delete a draft, for 30 days not for good.")
@click.argument("wanted", metavar="ID")
@common
def delete_draft(wanted: str) -> int:
    """\b
    Examples:
      qcall-wizard drafts delete 4f1c
      qcall-wizard drafts --deleted

    Deletes a draft. For 30 days `qcall-wizard drafts restore` brings it back.
    """
    from wizard.commands import drafts as command

    return command.delete(_home(), wanted)


@drafts.command("restore", short_help="Bring a deleted draft back.")
@click.argument("wanted", metavar="ID")
@common
def restore_draft(wanted: str) -> int:
    """\b
    Examples:
      qcall-wizard drafts restore 4f1c
      qcall-wizard drafts --deleted

    Brings back a draft that was deleted in the last 30 days, with its whole history.
    """
    from wizard.commands import drafts as command

    return command.restore(_home(), wanted)


@qcall_wizard.group(short_help="List and print what was sent.", invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON Lines, one object a receipt.")
@click.pass_context
@common
def receipts(context: click.Context, as_json: bool) -> int:
    """\b
    Examples:
      qcall-wizard receipts
      qcall-wizard receipts show 9ad0
      qcall-wizard receipts --json | jq 'select(.outcome == "unknown")'

    Lists what was sent, the newest first: when, where, and what came of it. An ID may be cut short
    as far as it stays the only one that begins so.
    """
    if context.invoked_subcommand is not None:
        return _alone(context, _flags(json=as_json), "is for the list")
    from wizard.commands import receipts as command

    return command.run(_home(), as_json=as_json)


@receipts.command("show", short_help="Print a receipt.")
@click.argument("wanted", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Print one object with everything.")
@click.option("--body", is_flag=True, help="Print the body alone.")
@common
def show_receipt(wanted: str, as_json: bool, body: bool) -> int:
    """\b
    Examples:
      qcall-wizard receipts show 9ad0
      qcall-wizard receipts show 9ad0 --body > payload.json
      qcall-wizard receipts show 9ad0 --body | qcall-wizard --from -

    Prints everything that is known of one attempt to create an assistant. The body is that of the
    request, its widget_config.api_key masked.
    """
    if as_json and body:
        raise click.UsageError("--json and --body exclude each other: name one.")
    from wizard.commands import receipts as command

    return command.show(_home(), wanted, as_json=as_json, body=body)


def _home() -> "Path":
    return click.get_current_context().ensure_object(Common).kept_in()


def _flags(**given: bool) -> list[str]:
    return [f"--{name}" for name, value in given.items() if value]


@qcall_wizard.command(short_help="Serve the sandbox on 127.0.0.1.")
@click.option(
    "--port",
    metavar="N",
    type=click.IntRange(0, 65535),
    default=0,
    help="Listen on port N; without it, or with 0, on a free one.",
)
@click.option(
    "--fault",
    metavar="KIND",
    type=LateChoice("KIND", _faults),
    help="Act out a failure whenever an assistant is to be created.",
)
@click.option("--envelope", is_flag=True, help="Answer in the API's envelope.")
@common
def sandbox(port: int, fault: str | None, envelope: bool) -> int:
    """\b
    Examples:
      qcall-wizard sandbox --port 8700
      qcall-wizard sandbox --port 8700 --fault slow
      qcall-wizard --base-url http://127.0.0.1:8700/api/v1

    Serves the API as the contract describes it, on this machine alone, until Ctrl+C: it judges
    requests, keeps what was created until it ends, and takes any key. The address is printed.
    """
    from wizard.commands import sandbox as command

    return command.run(port, fault, envelope)


@qcall_wizard.command(short_help="Open the wizard in a browser.")
@click.option(
    "--port",
    metavar="N",
    type=click.IntRange(0, 65535),
    default=8701,
    show_default=True,
    help="Listen on port N; 0 picks a free one.",
)
@common
def serve(port: int) -> int:
    """\b
    Examples:
      qcall-wizard serve
      qcall-wizard serve --sandbox --port 8800

    Serves the same wizard to a browser on this machine, as for a workshop, until Ctrl+C. The
    address is printed. It needs the extra `serve`: pip install 'qcall-wizard[serve]'.
    """
    from wizard.commands import serve as command

    return command.run(port, click.get_current_context().ensure_object(Common))


@qcall_wizard.command(short_help="Say what a newer API document has that is not known here.")
@click.argument("file", metavar="OPENAPI_FILE", type=_FILE)
@click.option("--json", "as_json", is_flag=True, help="Print JSON Lines, one object a difference.")
@common
def drift(file: str, as_json: bool) -> int:
    """\b
    Examples:
      qcall-wizard drift openapi.json
      curl -s https://example.com/openapi.yaml | qcall-wizard drift -
      qcall-wizard drift --json openapi.json | jq 'select(.drift != "known")'

    Compares an OpenAPI document, JSON or YAML, with what this program knows of the request, and
    says field by field what is new, gone, narrower, wider, changed or renamed. The exit code is 1
    on any of these. Oddities of the document that are known are told with their explanation; by
    themselves they leave the exit code at 0.
    """
    from wizard.commands import drift as command

    return command.run(file, as_json=as_json)


@qcall_wizard.command(short_help="Look at terminal, folders, key and network.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON Lines, one object a finding.")
@click.option("--no-keys", is_flag=True, help="Ask for no keys to be pressed.")
@common
def doctor(as_json: bool, no_keys: bool) -> int:
    """\b
    Examples:
      qcall-wizard doctor
      qcall-wizard doctor --no-keys --sandbox
      qcall-wizard doctor --json | jq 'select(.grade != "good")'

    Looks at what the wizard needs: terminal, colours, widths of characters, keys that arrive,
    folders, free space, database, keyring, proxy, target and clock. Each line is good, doubtful
    or bad, with what to do. One request is made, to the target alone; it creates nothing. The
    key's value is told nowhere. The exit code is 1 where something is bad, else 0.
    """
    from wizard.commands import doctor as command

    told = click.get_current_context().ensure_object(Common)
    return command.run(told.settings(), as_json=as_json, ask=not no_keys, log=told.log)
