"""The wizard's screens, built on Textual."""
