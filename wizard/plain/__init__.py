"""The wizard as lines of text: the same questions, for screen readers, dumb terminals and pipes."""

from wizard.plain.console import Console, Ended, Misfit
from wizard.plain.context import Context
from wizard.plain.conversation import Conversation

__all__ = ["Console", "Context", "Conversation", "Ended", "Misfit"]
