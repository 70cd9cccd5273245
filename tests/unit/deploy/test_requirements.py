"""The locks of packages: one that another one includes has the same versions."""

import re

import pytest

from tests.stack import CHECKOUT


def locked(name: str) -> set[str]:
    text = (CHECKOUT / "requirements" / f"{name}.txt").read_text()
    return set(re.findall(r"^(\S+==\S+)", text, re.MULTILINE))


@pytest.mark.parametrize(
    ("larger", "smaller"),
    [("local", "runtime"), ("tracing", "runtime"), ("dev", "local"), ("dev", "tracing")],
)
def test_a_lock_has_all_that_it_includes(larger: str, smaller: str) -> None:
    assert locked(smaller) <= locked(larger)
