"""Names of modules for tests of imports, checked to exist."""

from importlib.util import find_spec


def modules(*names: str) -> set[str]:
    """These names; a module that was renamed or removed is never imported, and proves nothing."""
    for name in names:
        assert find_spec(name), f"there is no module {name}"
    return set(names)
