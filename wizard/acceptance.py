"""A quick yes: JSON texts that keep a contract beyond doubt, read and judged in one go.

Most of what is judged by the thousand is right. Pydantic reads such a text and tests it on the
way, at a third of the cost, by the contract's own schema without what names errors and makes
models. All that is refused here, or in doubt, is left to `payloads.parse_json` and the judge.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic_core import CoreSchema, SchemaValidator, core_schema

from wizard.contract import Contract, MemberRule, model_schema
from wizard.payloads import MAX_DEPTH

_WHITE = b" \t\r\n"
# How deep the contract's own objects and lists may stand, and more.
_OWN_DEPTH = 20

_after = core_schema.no_info_after_validator_function


class Acceptance:
    """Reads the texts that one contract accepts.

    The reader of pydantic is as strict as ours, but for what is looked for here: it takes the last
    of two members of one name, goes down deeper, knows NaN and makes an infinity of 1e999.
    """

    def __init__(self, model: type[Contract]) -> None:
        self._names = 0
        self._validator = SchemaValidator(self._plain(model_schema(model)))

    def read(self, text: bytes) -> Any:
        """Return the value of a JSON text without any error; its whole numbers may be floats.

        Raises ValueError where that is not sure.
        """
        self._names = 0
        value = self._validator.validate_json(text)
        # Without white space each name ends so. A text that has this too counts as a name too many.
        if text.translate(None, _WHITE).count(b'":') != self._names:
            raise ValueError("a name may stand there twice")
        return value

    def _plain(self, schema: Any) -> Any:
        """The schema without words and models; its objects count their names as they are read."""
        made = schema
        match schema:
            case list():
                made = [self._plain(part) for part in schema]
            case {"type": "any"}:
                made = _after(self._free, schema)
            case {"type": "dict"}:
                made = _after(self._keeping(()), self._parts(schema))
            case {"type": "function-wrap", "schema": model, "metadata": {"rules": rules}}:
                made = self._object(model, rules)
            case {"type": "typed-dict"}:
                made = self._object(schema, ())
            case {"type": "custom-error", "schema": tested}:
                made = self._plain(tested)
            case {"type": "chain", "steps": [bare, {"schema": test}]} if bare == _bare(test):
                made = self._plain(test)
            case {"type": "union"}:
                raise TypeError("a union tries its parts in turn: names would be counted twice")
            case {"type": str()}:
                made = self._parts(schema)
        return made

    def _parts(self, schema: Mapping[str, Any]) -> Any:
        return {name: self._plain(part) for name, part in schema.items() if name != "metadata"}

    def _object(self, model: Mapping[str, Any], rules: Sequence[MemberRule]) -> CoreSchema:
        members = {
            name: core_schema.typed_dict_field(
                self._plain(field["schema"]), required=field["required"]
            )
            for name, field in model["fields"].items()
        }
        free = self._plain(core_schema.any_schema())
        known = core_schema.typed_dict_schema(
            members, extras_schema=free, extra_behavior="allow", config=model["config"]
        )
        return _after(self._keeping(rules), known)

    def _keeping(self, rules: Sequence[MemberRule]) -> Callable[[Any], Any]:
        def keep(members: Any) -> Any:
            self._names += len(members)
            for rule in rules:
                for flaw in rule(members):
                    raise ValueError(flaw.message)
            return members

        return keep

    def _free(self, value: Any) -> Any:
        """Look through what the contract leaves free, level by level."""
        level = [value]
        for _ in range(MAX_DEPTH - _OWN_DEPTH):
            below: list[Any] = []
            for one in level:
                if isinstance(one, dict):
                    self._names += len(one)
                    below += one.values()
                elif isinstance(one, list):
                    below += one
                elif isinstance(one, float) and not math.isfinite(one):
                    raise ValueError("a number is too large, or none")
            if not below:
                return value
            level = below
        raise ValueError("it goes very deep")


def _bare(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The type that a schema begins with, without its tests."""
    return {"type": schema["type"]}
