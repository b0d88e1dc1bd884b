"""A secret in memory: it can be used, and is never printed."""

import copy
import json
import pickle
import traceback
from string import Formatter

import pytest

from wizard.secret import SecretStr

CANARY = "canary-key-1234"


def test_a_secret_is_returned_on_request() -> None:
    assert SecretStr(CANARY).get_secret_value() == CANARY
    assert len(SecretStr(CANARY)) == len(CANARY)
    assert not SecretStr("")


def test_a_secret_is_masked_in_every_output() -> None:
    secret = SecretStr(CANARY)
    printed = [str(secret), repr(secret), f"{secret}", f"{secret!r:>40}"]
    printed += ["%s %r" % (secret, secret)]  # noqa: UP031
    printed += [repr([secret]), repr({"key": secret}), Formatter().format("{0}", secret)]
    assert not [text for text in printed if CANARY in text]
    assert repr(secret) == "SecretStr('**********')"
    assert repr(SecretStr("")) == "SecretStr('')"


def test_a_secret_cannot_be_serialised() -> None:
    secret = SecretStr(CANARY)
    for write in (pickle.dumps, copy.deepcopy, json.dumps):
        with pytest.raises(TypeError) as refused:
            write(secret)
        assert CANARY not in "".join(traceback.format_exception(refused.value))
    assert not hasattr(secret, "__dict__")


def test_secrets_are_equal_if_their_texts_are() -> None:
    assert SecretStr(CANARY) == SecretStr(CANARY)
    assert SecretStr(CANARY) != SecretStr("another")
    assert SecretStr(CANARY) != CANARY
    assert len({SecretStr(CANARY), SecretStr(CANARY)}) == 1
