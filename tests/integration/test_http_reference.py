"""The reference: the documents, and the pages that show them to people without asking anybody else."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from front.settings import FrontSettings
from tests.fakes.front import Front, running_front

PAGES = ("/docs/", "/docs/amqp/")


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    spool: Path = tmp_path_factory.mktemp("spool")
    with running_front(FrontSettings(spool_dir=spool, front_port=0)) as started:
        yield started


@pytest.mark.parametrize("name", ["openapi", "asyncapi"])
def test_documents_are_json_for_everybody(front: Front, name: str) -> None:
    response = front.get(f"/api/v1/{name}.json", token=None)
    assert response.headers["Content-Type"] == "application/json"
    assert response.json()[name].startswith("3.")


@pytest.mark.parametrize("page", PAGES)
def test_whatever_a_page_loads_is_ours(front: Front, page: str) -> None:
    text = front.get(page, token=None).text
    loaded = re.findall(r'<(?:link|script|img)[^>]* (?:href|src)="([^"]+)"', text)
    assert loaded
    for address in loaded:
        assert front.get(address, token=None).status_code == 200, address


@pytest.mark.parametrize("page", PAGES)
def test_pages_may_run_nothing_that_stands_in_them(front: Front, page: str) -> None:
    response = front.get(page, token=None)
    policy = dict(part.split(" ", 1) for part in response.headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert not re.search(r"<script>|<style|\son\w+=|\sstyle=", response.text)


@pytest.mark.parametrize("page", PAGES)
def test_pages_are_served_without_the_last_slash_too(front: Front, page: str) -> None:
    assert front.get(page.rstrip("/"), token=None).content == front.get(page, token=None).content


@pytest.mark.parametrize("name", ["nothing.js", "..%2Fdocs.html", "%2Fetc%2Fpasswd"])
def test_no_other_file_is_an_asset(front: Front, name: str) -> None:
    assert front.get(f"/docs/assets/{name}", token=None).status_code == 404


def test_the_page_of_the_queues_tells_what_values_may_be_and_what_an_event_has(front: Front) -> None:
    text = front.get("/docs/amqp/", token=None).text
    assert "Pattern: <code>^[!-~]{1,255}$</code>" in text and "<h3>FailedPage</h3>" in text
    assert "<code>idempotency_key_reused</code>" in text
    messages = dict(re.findall(r'<h2 id="message-(\w+)">(.*?)(?=<h2 id=)', text, re.DOTALL))
    has_result = {name for name, told in messages.items() if "<td><code>result</code></td>" in told}
    assert has_result == {"done"}
    has_error = {name for name, told in messages.items() if "<td><code>error</code></td>" in told}
    assert has_error == {"failed", "rejected"}
