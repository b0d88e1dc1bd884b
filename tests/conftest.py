"""What holds for all tests."""

import os
import signal

from hypothesis import settings

# In CI the same examples every time, so that no landing hangs on luck; elsewhere new ones.
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")

# A suite in the background, or under nohup, inherits signals that are ignored, and every program
# that it starts would ignore them too.
for _name in ("SIGINT", "SIGHUP", "SIGTERM"):
    _number = getattr(signal, _name, None)
    if _number and signal.getsignal(_number) is signal.SIG_IGN:
        _usual = signal.default_int_handler if _name == "SIGINT" else signal.SIG_DFL
        signal.signal(_number, _usual)
