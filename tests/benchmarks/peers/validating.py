"""Validates a JSON Lines file with another validator: `validating.py VALIDATOR SCHEMA FILE`."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any


def validator_of(validator: str, schema: Any) -> Callable[[Any], bool]:
    """Return a function that says whether a payload is valid."""
    if validator == "fastjsonschema":
        import fastjsonschema  # noqa: PLC0415 - one of two, each alone on its interpreter

        compiled = fastjsonschema.compile(schema)

        def valid(payload: Any) -> bool:
            try:
                compiled(payload)
            except fastjsonschema.JsonSchemaException:
                return False
            return True

        return valid
    import jsonschema  # noqa: PLC0415

    prebuilt = jsonschema.Draft202012Validator(schema)
    return lambda payload: not list(prebuilt.iter_errors(payload))


def main() -> None:
    """Validate every line; print how many are valid."""
    validator, schema, file = sys.argv[1:]
    valid = validator_of(validator, json.loads(Path(schema).read_text(encoding="utf-8")))
    with Path(file).open(encoding="utf-8") as lines:
        print(sum(valid(json.loads(line)) for line in lines))


if __name__ == "__main__":
    main()
