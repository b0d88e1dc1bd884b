"""What holds for all tests."""

import os

from hypothesis import settings

# In CI the same examples every time, so that no landing hangs on luck; elsewhere new ones.
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")
