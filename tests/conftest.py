"""What holds for all tests."""

import os

from hypothesis import settings

# In CI the same examples every time: what lands does not hang on luck. Elsewhere new ones are tried.
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")
