"""The wizard as lines of text: the same questions, for screen readers, dumb terminals and pipes."""
