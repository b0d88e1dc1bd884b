"""The assistant's contract, drafts, payloads and requests: everything that needs no screen."""

__version__ = "0.1.0"
