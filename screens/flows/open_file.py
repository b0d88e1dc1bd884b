"""Opens a file: a new draft gets its answers."""

import os

from textual.suggester import Suggester

from screens.dialogs.menu import Menu
from screens.dialogs.prompt import ask_and_do
from screens.flows.flow_app import FlowApp
from screens.widgets.inputs import pictured
from wizard.exchange import importing

_FILES = "A payload, a curl command, or a script as .txt or .md. → completes a name."


async def open_file(app: FlowApp) -> None:
    """Ask for a file, and open a new draft with its answers."""
    found = await ask_and_do(app, "Open a file", _FILES, importing.read, suggester=FileNames())
    if found is None:
        return
    chosen = await _candidate(app, found)
    if chosen is None:
        return
    imported = importing.take(found, chosen)
    app.work_on(app.session.begin(imported.draft))
    app.session.changed()
    app.report = imported.report
    app.notify(pictured(imported.report.sentence))


async def _candidate(app: FlowApp, found: importing.Candidates) -> int | None:
    """Return the number of the assistant to open; ask if the file holds several."""
    if len(found.candidates) == 1:
        return 0
    options = {str(n): candidate.title for n, candidate in enumerate(found.candidates)}
    chosen = await app.push_screen_wait(Menu("Open which assistant?", options))
    return None if chosen is None else int(chosen)


class FileNames(Suggester):
    """Completes the name of a file or a folder as it is typed."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        """Return the first matching name in the folder; a folder ends with a slash."""
        folder, begun = os.path.split(value)
        try:
            with os.scandir(os.path.expanduser(folder) or ".") as entries:
                found = sorted(
                    entry.name + ("/" if entry.is_dir() else "")
                    for entry in entries
                    if entry.name.startswith(begun) and (begun or not entry.name.startswith("."))
                )
        except OSError:
            return None
        return value[: len(value) - len(begun)] + found[0] if found and value else None
