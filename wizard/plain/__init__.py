"""The wizard as lines of text: the same questions, for screen readers, dumb terminals and pipes."""

from wizard.plain.console import Console, Ended, Misfit
from wizard.plain.conversation import Conversation
from wizard.plain.conversation_state import Context

__all__ = ["Console", "Context", "Conversation", "Ended", "Misfit"]
