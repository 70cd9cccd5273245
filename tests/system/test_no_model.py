"""A stack without a model says what it cannot do and what to set for it, and charges nothing."""

import secrets

import pytest

from tests import files
from tests.client import Client
from tests.pages import numbered_pages
from tests.stack import Stack
from tests.system.judging import check_problem

IMAGE = files.png(numbered_pages(1)[0].image)


@pytest.fixture(scope="module")
def stack(hasty_stack: Stack) -> Stack:
    return hasty_stack


@pytest.fixture(scope="module")
def asking(stack: Stack) -> Client:
    return stack.client(stack.account(f"modelless-{secrets.token_hex(4)}"))


@pytest.mark.parametrize(
    "fields",
    [
        {"tier": "vlm"},
        {"tool": "handwriting-to-text"},
        {"tool": "receipt-to-json"},
        {"tier": "vlm", "schema": '{"type": "object", "properties": {"total": {"type": "number"}}}'},
        {"translate_to": "de"},
        {"tool": "translate", "translate_to": "de"},
    ],
    ids=" ".join,
)
def test_what_takes_a_model_is_refused_and_what_to_set_is_told(
    asking: Client, fields: dict[str, str]
) -> None:
    before = asking.account()
    answer = asking.submit(IMAGE, **fields)
    body = check_problem(answer, 503, "engine_unavailable")
    assert "ANTHROPIC_API_KEY" in body["error"] and "ANTHROPIC_BASE_URL" in body["error"]
    assert int(answer.headers["Retry-After"]) > 0
    assert asking.account() == before
    assert asking.jobs().json()["jobs"] == []


def test_the_list_of_tools_says_which_are_to_be_had(asking: Client) -> None:
    tools = {tool["slug"]: tool for tool in asking.get("/api/v1/tools/").json()["tools"]}
    for slug in ("image-to-text", "pdf-to-text", "pdf-to-markdown", "searchable-pdf", "extract-tables"):
        assert tools[slug]["available"] is True
    for slug in ("handwriting-to-text", "math-to-latex", "receipt-to-json", "invoice-to-json", "translate"):
        assert tools[slug]["available"] is False


def test_no_worker_waits_for_a_model(stack: Stack) -> None:
    assert stack.processes("ocr_vlm") == []
