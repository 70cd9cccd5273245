"""Questions answered by a model: the worker, its children and the SDK, against a server that cites."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from common.adapters.anthropic_client import AnthropicModel
from common.adapters.child_pool import ChildPool
from common.adapters.child_process import Routine
from common.document.text import page_text
from common.errors import ModelDown, ModelRefused
from common.runtime.model_settings import ModelSettings
from tests.chat_questions.documents import pages_of
from tests.messages_server.server import MessagesServer
from tests.unit.workers.chat.bench import Bench
from workers.chat.engine import rest
from workers.chat.model_answers import Manner, ModelAnswers
from workers.chat.plain_text import plain

pytestmark = pytest.mark.asyncio(loop_scope="module")

MANNER = Manner("native", 150_000, 4096, outage_s=1, document_limit_s=30)
PROSE = Manner("prose", 150_000, 4096, outage_s=1, document_limit_s=30)
CONTRACT = pages_of("contract_en")
ASKED = "How much is the deposit?"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def children() -> AsyncIterator[ChildPool]:
    pool = ChildPool(slots=1, routine=Routine(at_rest=rest))
    await pool.start()
    yield pool
    await pool.close()


@pytest_asyncio.fixture(loop_scope="module")
async def model(messages_server: MessagesServer) -> AsyncIterator[AnthropicModel]:
    access = ModelSettings(anthropic_base_url=messages_server.url, tries=2, max_wait_s=0.05, outage_s=1)
    async with AnthropicModel(access) as opened:
        yield opened


def bench(folder: Path, children: ChildPool, model: AnthropicModel, manner: Manner = MANNER) -> Bench:
    answers = ModelAnswers(model, children, manner)
    return Bench(folder, *CONTRACT, model=answers, children=children)


async def test_an_answer_is_cited_sentence_by_sentence(
    tmp_path: Path, children: ChildPool, model: AnthropicModel, messages_server: MessagesServer
) -> None:
    found = await bench(tmp_path, children, model).ask(ASKED)
    assert found.engine == "model" and found.usage is not None and found.usage.input_tokens
    (citation, *_) = found.citations
    assert "deposit" in citation.snippet and f"(p. {citation.page})" in found.content
    assert citation.snippet in plain(page_text(CONTRACT[citation.page - 1]))
    assert len(citation.snippet) < len(page_text(CONTRACT[citation.page - 1])) / 2


async def test_documents_are_data_of_the_first_turn_and_cached(
    tmp_path: Path, children: ChildPool, model: AnthropicModel, messages_server: MessagesServer
) -> None:
    await bench(tmp_path, children, model).ask("And the rent?", (ASKED, "It is 1 EUR (p. 1)."))
    (request,) = messages_server.requests
    document, first = request["messages"][0]["content"]
    assert document["citations"] == {"enabled": True} and document["cache_control"] == {"type": "ephemeral"}
    assert [block["text"] for block in document["source"]["content"]] == [*map(page_text, CONTRACT)]
    assert first["text"] == ASKED
    assert [turn["role"] for turn in request["messages"]] == ["user", "assistant", "user"]
    assert request["max_tokens"] == 4096
    assert "tools" not in request and "output_config" not in request
    assert "deposit" not in str(request["system"])


async def test_an_answer_is_told_while_it_comes(
    tmp_path: Path, children: ChildPool, model: AnthropicModel, messages_server: MessagesServer
) -> None:
    messages_server.misbehave("none", pause_s=0.1)
    asking = bench(tmp_path, children, model)
    found = await asking.ask(ASKED, heard=True)
    assert "".join(part.text for part in asking.parts) == found.content
    assert sum(bool(part.text) for part in asking.parts) > 2
    assert tuple(part.citation for part in asking.parts if part.citation) == found.citations


@pytest.mark.parametrize("kind", ["cut", "overloaded_midway"])
async def test_an_answer_that_breaks_off_is_told_anew(
    tmp_path: Path, children: ChildPool, model: AnthropicModel, messages_server: MessagesServer, kind: Any
) -> None:
    messages_server.misbehave(kind, after_characters=20, pause_s=0.15)
    asking = bench(tmp_path, children, model)
    found = await asking.ask(ASKED, heard=True)
    last = [part for part in asking.parts if part.attempt == asking.parts[-1].attempt]
    assert "".join(part.text for part in last) == found.content
    assert last[0].position == 0 and len(messages_server.requests) == 2


async def test_segments_lead_to_snippets_of_every_page_they_cite(
    tmp_path: Path, children: ChildPool, model: AnthropicModel, messages_server: MessagesServer
) -> None:
    segments = [
        {"text": "It says so."},
        {"text": " Both pages speak of the Tenant.", "cites": [[0, 2]]},
    ]
    messages_server.misbehave("none", segments=segments)
    found = await bench(tmp_path, children, model).ask(ASKED)
    assert found.content == "It says so. Both pages speak of the Tenant (pp. 1, 2)."
    assert {citation.page for citation in found.citations} == {1, 2}


async def test_a_server_that_does_not_cite_is_shown_pages_as_text(
    tmp_path: Path, children: ChildPool, model: AnthropicModel, messages_server: MessagesServer
) -> None:
    messages_server.misbehave("says", text="The deposit is due (p. 1). So it is (p. 77).")
    found = await bench(tmp_path, children, model, PROSE).ask(ASKED)
    assert found.content == "The deposit is due (p. 1). So it is."
    assert [citation.page for citation in found.citations] == [1]
    (request,) = messages_server.requests
    assert {part["type"] for part in request["messages"][0]["content"]} == {"text"}


async def test_a_server_that_stays_away_is_told_of_soon(
    tmp_path: Path, children: ChildPool, model: AnthropicModel, messages_server: MessagesServer
) -> None:
    asking = bench(tmp_path, children, model)
    with messages_server.down(), pytest.raises(ModelDown) as down:
        await asking.ask(ASKED)
    assert asking.handler.failed(asking.task(ASKED), down.value).code == "answer_unavailable"


async def test_a_refusal_is_told_as_one(
    tmp_path: Path, children: ChildPool, model: AnthropicModel, messages_server: MessagesServer
) -> None:
    messages_server.misbehave("refusal")
    with pytest.raises(ModelRefused):
        await bench(tmp_path, children, model).ask(ASKED)


async def test_an_answer_without_an_end_is_given_as_far_as_it_came(
    tmp_path: Path, children: ChildPool, model: AnthropicModel, messages_server: MessagesServer
) -> None:
    messages_server.misbehave("truncated", after_characters=30)
    found = await bench(tmp_path, children, model).ask(ASKED)
    assert found.content.endswith("…")
