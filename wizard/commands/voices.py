"""The command `voices`."""

import click

from wizard.commands.click_extensions import Command
from wizard.commands.options import CommonOptions, common_options, json_option, language_option
from wizard.commands.output import print_json, report
from wizard.commands.table import print_table


@click.command(cls=Command)
@language_option("Only the voices of a language.")
@json_option("voice")
@common_options
def voices(options: CommonOptions, language: str | None, as_json: bool) -> int:
    """\b
    Examples:
      qcall-wizard voices --language hi
      qcall-wizard voices --json | jq -r .voice_id
      qcall-wizard --sandbox voices

    Lists the voice catalogue of the target. The exit code is 3 if the server refuses the key, and
    5 if there is no key or no catalogue.
    """
    from wizard.commands.account import ask_account

    catalogue = ask_account(options, lambda client: client.voices())
    found = [voice for voice in catalogue if language in (None, voice.language)]
    if as_json:
        for voice in found:
            print_json(
                {
                    "voice_id": voice.voice_id,
                    "name": voice.name,
                    "language": voice.language,
                    "language_name": voice.language_name,
                    "accent": voice.accent,
                    "gender": voice.gender,
                    "ai_modal": voice.ai_modal,
                    "voice_data": voice.data,
                }
            )
    elif found:
        titles = ("VOICE ID", "NAME", "LANGUAGE", "ACCENT", "GENDER", "MODEL")
        rows = [
            (v.voice_id, v.name, v.language or v.language_name, v.accent, v.gender, v.ai_modal)
            for v in found
        ]
        print_table(titles, rows, {1: (32, 8), 2: (16, 5), 3: (24, 6), 5: (16, 6)})
    else:
        report("The catalogue has no such voice.")
    return 0
