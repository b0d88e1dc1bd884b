"""The outcome of a request as lines of text."""

from collections.abc import Iterator

from wizard.api.outcomes import Outcome


def outcome_lines(outcome: Outcome) -> Iterator[str]:
    """Yield an outcome as lines."""
    yield " ".join(filter(None, (f"{outcome.title}.", outcome.sentence, outcome.note)))
    if outcome.message:
        yield f"The server says: {outcome.message}"
    if outcome.receipt:
        yield f"Receipt {outcome.receipt}."
