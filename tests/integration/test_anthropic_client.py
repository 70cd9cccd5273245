"""Models asked by the real SDK, of a server that misbehaves on order."""

import asyncio
import io
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest

from common import metrics
from common.adapters.anthropic_client import AnthropicModel
from common.errors import (
    EngineTimeout,
    ModelAnswerTooLong,
    ModelDown,
    ModelError,
    ModelQuestionTooLong,
    ModelRefused,
    ModelRejected,
    ModelUnavailable,
)
from common.model_question import (
    BlockCitation,
    CitationHeard,
    FollowUp,
    Heard,
    PagedDocument,
    Picture,
    Question,
    Restarted,
    Segment,
    SegmentEnded,
    Text,
    TextHeard,
)
from common.runtime.model_settings import ModelSettings
from tests.messages_server.faults import Kind
from tests.messages_server.server import MessagesServer
from tests.pages import draw_sheet
from workers.ocr_vlm.answer import PageAnswer

Models = Callable[..., AnthropicModel]

SHEET = draw_sheet(["Amber bridge at noon", "copper candle", "", "", "Another paragraph"], font_px=44)


def png() -> bytes:
    buffer = io.BytesIO()
    SHEET.image.save(buffer, "PNG")
    return buffer.getvalue()


PAGE = Question(
    "Transcribe the page.",
    (Picture("image/png", png()), Text("Read it.")),
    schema=PageAnswer.model_json_schema(),
)
SHORT = Question("Say it again.", (Text("Good morning"),))


@pytest.fixture
async def models(messages_server: MessagesServer) -> AsyncIterator[Models]:
    """Makes models with short waits; of settings that are told, those."""
    async with AsyncExitStack() as stack:

        def make(**changes: Any) -> AnthropicModel:
            short = {"silence_s": 1, "timeout_s": 8, "probe_s": 0.3, "outage_s": 60, "max_wait_s": 0.1}
            told = {"anthropic_base_url": messages_server.url, "anthropic_api_key": "sk-test"}
            model = AnthropicModel(ModelSettings(**(told | short | changes)))
            stack.push_async_callback(model.close)
            return model

        yield make


def outcome(name: str) -> float:
    return metrics.MODEL_CALLS.labels(name)._value.get()


async def test_what_is_on_the_picture_comes_back_in_the_shape_that_was_asked_for(models: Models) -> None:
    reply = await models(silence_s=30, timeout_s=60).ask(PAGE)  # which the server reads for the first time
    answer = PageAnswer.model_validate_json(reply.text)
    assert [block.text for block in answer.blocks] == [
        "Amber bridge at noon\ncopper candle",
        "Another paragraph",
    ]
    assert reply.stop == "end"


async def test_tokens_are_counted_and_priced(models: Models) -> None:
    usage = (await models(model="claude-sonnet-5-5").ask(PAGE)).usage
    assert usage.model == "claude-sonnet-5-5"
    assert usage.input_tokens > 100 and usage.output_tokens > 10
    assert usage.cost_usd == pytest.approx((2 * usage.input_tokens + 10 * usage.output_tokens) / 1e6)


async def test_a_model_without_a_price_has_no_cost(models: Models) -> None:
    assert (await models(model="my-own").ask(SHORT)).usage.cost_usd is None


async def test_without_a_schema_the_answer_is_plain_text(models: Models) -> None:
    assert (await models().ask(SHORT)).text == "Good morning"


async def test_the_request_says_what_the_settings_say(
    models: Models, messages_server: MessagesServer
) -> None:
    await models(effort="low", max_tokens=1234).ask(PAGE)
    (request,) = messages_server.requests
    assert request["model"] == "claude-sonnet-5-5"
    assert request["max_tokens"] == 1234
    assert request["stream"] is True
    assert request["output_config"]["effort"] == "low"
    assert request["output_config"]["format"]["schema"]["additionalProperties"] is False
    assert request["system"] == "Transcribe the page."


async def test_for_servers_that_hold_to_no_schema_the_model_is_told(
    models: Models, messages_server: MessagesServer
) -> None:
    reply = await models(structured="prompt").ask(PAGE)
    (request,) = messages_server.requests
    assert "output_config" not in request
    assert '"BlockAnswer"' in request["system"]
    assert len(PageAnswer.model_validate_json(reply.text).blocks) == 2


@pytest.mark.parametrize("token", [None, "token"])
async def test_a_server_is_asked_without_a_key_or_with_a_token(models: Models, token: str | None) -> None:
    model = models(anthropic_api_key=None, anthropic_auth_token=token)
    assert (await model.ask(SHORT)).text == "Good morning"


async def test_a_key_comes_before_a_token(models: Models) -> None:
    with pytest.raises(ModelUnavailable, match="ANTHROPIC_API_KEY"):
        await models(anthropic_api_key="wrong", anthropic_auth_token="token").ask(SHORT)


@pytest.mark.parametrize(
    "kind",
    ["rate_limited", "overloaded", "server_error", "reset", "cut", "silent_end", "overloaded_midway"],
)
async def test_what_passes_is_tried_again(
    models: Models, messages_server: MessagesServer, kind: Kind
) -> None:
    messages_server.misbehave(kind)
    reply = await models().ask(PAGE)
    assert len(PageAnswer.model_validate_json(reply.text).blocks) == 2
    assert dict(messages_server.transcript.outcomes) == {kind: 1, "answered": 1}


@pytest.mark.parametrize("kind", ["hang", "stall"])
async def test_a_server_that_falls_silent_is_tried_again(
    models: Models, messages_server: MessagesServer, kind: Kind
) -> None:
    messages_server.misbehave(kind)
    before = outcome("silent")
    assert (await models(silence_s=0.5).ask(SHORT)).text == "Good morning"
    assert outcome("silent") == before + 1


@pytest.mark.parametrize(("kind", "header"), [("rate_limited", "0.6"), ("overloaded", "0.6")])
async def test_retry_after_is_honoured_by_all(
    models: Models, messages_server: MessagesServer, kind: Kind, header: str
) -> None:
    model = models(max_wait_s=1)
    messages_server.misbehave(kind, retry_after=header)
    began_at = time.monotonic()
    first = asyncio.create_task(model.ask(SHORT))
    while not messages_server.transcript.outcomes:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)
    await asyncio.gather(first, model.ask(SHORT))
    assert 0.6 <= time.monotonic() - began_at < 1.5
    assert messages_server.transcript.total == 3


async def test_a_long_retry_after_is_cut(models: Models, messages_server: MessagesServer) -> None:
    messages_server.misbehave("rate_limited", retry_after="86400")
    async with asyncio.timeout(3):
        await models(max_wait_s=0.2).ask(SHORT)


async def test_being_throttled_does_not_open_the_breaker(
    models: Models, messages_server: MessagesServer
) -> None:
    messages_server.misbehave("rate_limited", times=6, retry_after="0.01")
    assert (await models(tries=2).ask(SHORT)).text == "Good morning"
    assert messages_server.transcript.total == 7


async def test_throttled_calls_become_fewer_at_once(models: Models, messages_server: MessagesServer) -> None:
    model = models(slots=8)
    messages_server.delay(0.2)
    messages_server.misbehave("rate_limited", retry_after="0.01")
    await model.ask(SHORT)
    await asyncio.gather(*(model.ask(SHORT) for _ in range(12)))
    assert messages_server.transcript.most_active <= 5


async def test_calls_overlap_up_to_the_slots(models: Models, messages_server: MessagesServer) -> None:
    model = models(slots=4)
    messages_server.delay(0.3)
    began_at = time.monotonic()
    await asyncio.gather(*(model.ask(SHORT) for _ in range(8)))
    assert messages_server.transcript.most_active == 4
    assert time.monotonic() - began_at < 1.5


async def test_a_refusal_is_told_and_not_tried_again(models: Models, messages_server: MessagesServer) -> None:
    messages_server.misbehave("refusal")
    with pytest.raises(ModelRefused):
        await models().ask(PAGE)
    assert messages_server.transcript.total == 1


async def test_a_full_context_window_is_told(models: Models, messages_server: MessagesServer) -> None:
    messages_server.misbehave("context_exceeded")
    with pytest.raises(ModelAnswerTooLong, match="context window"):
        await models().ask(PAGE)


async def test_an_answer_that_breaks_off_can_be_continued(models: Models) -> None:
    model = models()
    first = await model.ask(Question(PAGE.system, PAGE.parts, PAGE.schema, max_tokens=30))
    assert first.stop == "max_tokens"
    rest = await model.ask(
        Question(PAGE.system, PAGE.parts, PAGE.schema, (FollowUp(first.text, "Only the rest, please."),))
    )
    assert [block.text for block in PageAnswer.model_validate_json(rest.text).blocks] == ["Another paragraph"]


async def test_a_bad_request_is_told_and_neither_tried_again_nor_an_outage(
    models: Models, messages_server: MessagesServer
) -> None:
    model = models()
    for _ in range(4):
        with pytest.raises(ModelRejected, match="picture"):
            await model.ask(Question("", (Picture("image/jpeg", png()),)))
    assert messages_server.transcript.total == 4
    await model.ask(SHORT)


async def test_a_schema_that_the_server_does_not_take_is_told_to_the_model(
    models: Models, messages_server: MessagesServer
) -> None:
    """References in a circle are what servers cannot hold an answer to."""
    node = {"type": "object", "properties": {"below": {"$ref": "#/$defs/Node"}, "title": {"type": "string"}}}
    schema = {"type": "object", "properties": {"title": {"type": "string"}}, "$defs": {"Node": node}}
    schema["properties"]["tree"] = {"$ref": "#/$defs/Node"}  # type: ignore[index]
    messages_server.misbehave("says", text='{"title": "Amber"}', containing="JSON Schema", times=2)
    model = models()
    for _ in range(2):
        reply = await model.ask(Question("Fill it.", (Text("Amber"),), schema))
        assert json.loads(reply.text) == {"title": "Amber"}
    assert messages_server.transcript.outcomes["400"] == 1


async def test_a_dead_provider_costs_a_call_an_interval_and_not_one_a_page(
    models: Models, messages_server: MessagesServer
) -> None:
    model = models(probe_s=0.5)
    messages_server.misbehave("server_error", times=None)
    with pytest.raises(ModelUnavailable):
        await model.ask(SHORT)
    at_outage = messages_server.transcript.total
    assert at_outage == 3
    ends_at = time.monotonic() + 1.6
    asked = 0
    while time.monotonic() < ends_at:
        with pytest.raises(ModelUnavailable, match=r"so since \d{4}"):
            await model.ask(SHORT)
        asked += 1
        await asyncio.sleep(0.005)
    assert asked > 50
    assert messages_server.transcript.total - at_outage <= 3


async def test_a_provider_that_is_back_is_asked_by_all_again(
    models: Models, messages_server: MessagesServer
) -> None:
    model = models(probe_s=0.2)
    messages_server.misbehave("server_error", times=3)
    with pytest.raises(ModelUnavailable):
        await model.ask(SHORT)
    assert metrics.MODEL_BREAKER_OPEN._value.get() == 1
    await asyncio.sleep(0.25)
    await asyncio.gather(model.ask(SHORT))
    await asyncio.gather(*(model.ask(SHORT) for _ in range(4)))
    assert metrics.MODEL_BREAKER_OPEN._value.get() == 0


async def test_after_the_outage_time_it_is_down(models: Models, messages_server: MessagesServer) -> None:
    model = models(probe_s=0.2, outage_s=1)
    messages_server.misbehave("server_error", times=None)
    seen = set()
    async with asyncio.timeout(12):
        while ModelDown not in seen:
            with pytest.raises((ModelUnavailable, ModelDown)) as raised:
                await model.ask(SHORT)
            seen.add(raised.type)
            await asyncio.sleep(0.05)
    assert seen == {ModelUnavailable, ModelDown}


@pytest.mark.parametrize(
    ("changes", "hint"),
    [({"anthropic_api_key": "wrong"}, "ANTHROPIC_API_KEY"), ({"model": "missing-model"}, "OCR_MODEL")],
)
async def test_a_wrong_key_or_model_is_an_outage_at_once(
    models: Models, messages_server: MessagesServer, changes: dict[str, Any], hint: str
) -> None:
    model = models(probe_s=60, **changes)
    for _ in range(3):
        with pytest.raises(ModelUnavailable, match=hint):
            await model.ask(SHORT)
    assert messages_server.transcript.total == 1


async def test_nobody_listening_is_an_outage(models: Models) -> None:
    model = models(anthropic_base_url="http://127.0.0.1:9", probe_s=60)
    with pytest.raises(ModelUnavailable, match="cannot be reached"):
        await model.ask(SHORT)


async def test_a_question_on_which_the_model_fails_while_it_answers_others_is_to_blame(
    models: Models, messages_server: MessagesServer
) -> None:
    """Else one page would be held for ever, and its slot with it."""
    model = models(tries=2)
    messages_server.misbehave("server_error", times=None, containing="poison")
    poisoned = asyncio.create_task(model.ask(Question("", (Text("poison"),))))
    while not poisoned.done():
        await model.ask(SHORT)
        await asyncio.sleep(0.02)
    with pytest.raises(ModelError, match="failed on this 2 times"):
        poisoned.result()
    assert ModelError.retryable


async def test_an_answer_that_takes_too_long_is_the_questions_fault(
    models: Models, messages_server: MessagesServer
) -> None:
    messages_server.misbehave("stall", seconds=30)
    with pytest.raises(EngineTimeout, match=r"longer than 0\.5 s"):
        await models(timeout_s=0.5, silence_s=5).ask(PAGE)


async def test_a_server_that_answers_nothing_in_the_whole_time_is_away(
    models: Models, messages_server: MessagesServer
) -> None:
    messages_server.misbehave("hang", times=None)
    model = models(timeout_s=0.3, silence_s=5)
    for _ in range(3):
        with pytest.raises(ModelUnavailable):
            await model.ask(SHORT)
    with pytest.raises(ModelUnavailable, match="so since"):
        await model.ask(SHORT)
    assert messages_server.transcript.total == 3


async def test_a_question_that_is_withdrawn_leaves_the_slot_to_others(
    models: Models, messages_server: MessagesServer
) -> None:
    model = models(slots=1)
    messages_server.misbehave("hang")
    withdrawn = asyncio.create_task(model.ask(SHORT))
    while not messages_server.transcript.total:
        await asyncio.sleep(0.01)
    withdrawn.cancel()
    assert (await model.ask(SHORT)).text == "Good morning"
    with pytest.raises(asyncio.CancelledError):
        await withdrawn


LEASE = ("The landlord is Amber Marine Ltd.\nThe tenant is Ida Brook.", "The rent is 850 euros a month.")
ABOUT_LEASE = Question(
    "Answer from the document.",
    (PagedDocument(LEASE, title="lease.pdf", context="Page 1 to 2 of 2"), Text("Who is the tenant?")),
)
TENANT = Segment("The tenant is Ida Brook.", (BlockCitation(0, 1, LEASE[0]),))


def cited(text: str, *ranges: list[int]) -> dict[str, Any]:
    return {"text": text, "cites": ranges}


async def test_an_answer_says_on_which_pages_it_rests(
    models: Models, messages_server: MessagesServer
) -> None:
    reply = await models().ask(ABOUT_LEASE)
    assert reply.segments == (Segment("The document says: "), TENANT)
    assert reply.text == "The document says: The tenant is Ida Brook."
    document = messages_server.requests[0]["messages"][0]["content"][0]
    assert [page["text"] for page in document["source"]["content"]] == list(LEASE)
    assert (document["title"], document["context"]) == ("lease pdf", "Page 1 to 2 of 2")
    assert "tools" not in messages_server.requests[0]


async def test_a_segment_may_rest_on_several_ranges_of_pages(
    models: Models, messages_server: MessagesServer
) -> None:
    messages_server.misbehave("none", segments=[cited("Both.", [1, 2], [0, 2])])
    (segment,) = (await models().ask(ABOUT_LEASE)).segments
    assert segment.citations == (BlockCitation(1, 2, LEASE[1]), BlockCitation(0, 2, "".join(LEASE)))


async def test_a_follow_up_has_the_earlier_turns_and_reads_the_document_from_the_cache(
    models: Models, messages_server: MessagesServer
) -> None:
    model = models(model="claude-sonnet-5-5")
    first = await model.ask(ABOUT_LEASE)
    turns = (FollowUp(first.text, "And the landlord?"),)
    second = await model.ask(Question(ABOUT_LEASE.system, ABOUT_LEASE.parts, follow_ups=turns))
    assert second.segments[1].text == "The landlord is Amber Marine Ltd."
    assert second.usage.input_tokens > first.usage.input_tokens
    assert first.usage.cost_usd is not None and second.usage.cost_usd is not None
    assert second.usage.cost_usd < first.usage.cost_usd


async def test_an_answer_is_heard_in_pieces_as_it_comes(
    models: Models, messages_server: MessagesServer
) -> None:
    long = "The rent is due on the third day of each month, "
    said = [{"text": long}, cited("850 euros.", [1, 2], [0, 1])]
    messages_server.misbehave("none", segments=said, pause_s=0.05)
    heard: list[Heard] = []
    at_s: list[float] = []

    def hear(part: Heard) -> None:
        heard.append(part)
        at_s.append(time.monotonic())

    reply = await models().ask(ABOUT_LEASE, hear)
    first, second = BlockCitation(1, 2, LEASE[1]), BlockCitation(0, 1, LEASE[0])
    assert heard == [
        TextHeard(long[:40]),
        TextHeard(long[40:]),
        SegmentEnded(Segment(long)),
        CitationHeard(first),
        TextHeard("850 euros."),
        CitationHeard(second),
        SegmentEnded(Segment("850 euros.", (first, second))),
    ]
    assert reply.segments == tuple(part.segment for part in heard if isinstance(part, SegmentEnded))
    assert at_s[-1] - at_s[0] > 0.25


@pytest.mark.parametrize("kind", ["cut", "silent_end", "overloaded_midway", "stall"])
async def test_who_listens_is_told_when_the_answer_begins_anew(
    models: Models, messages_server: MessagesServer, kind: Kind
) -> None:
    said = [{"text": "It is as the document says, in its first lines and in its last ones: "}]
    messages_server.misbehave(kind, segments=said)
    heard: list[Heard] = []
    reply = await models(silence_s=0.5).ask(ABOUT_LEASE, heard.append)
    restarts = [index for index, part in enumerate(heard) if isinstance(part, Restarted)]
    assert len(restarts) == 1
    before, after = heard[: restarts[0]], heard[restarts[0] + 1 :]
    assert "".join(part.text for part in before if isinstance(part, TextHeard)) in said[0]["text"]
    assert "".join(part.text for part in after if isinstance(part, TextHeard)) == reply.text
    assert reply.segments[1] == TENANT


async def test_who_has_heard_nothing_is_told_of_no_restart(
    models: Models, messages_server: MessagesServer
) -> None:
    messages_server.misbehave("overloaded", times=2)
    heard: list[Heard] = []
    await models().ask(ABOUT_LEASE, heard.append)
    assert Restarted() not in heard


async def test_a_refusal_in_the_middle_is_an_error_after_what_was_heard(
    models: Models, messages_server: MessagesServer
) -> None:
    messages_server.misbehave("refusal_midway", after_characters=8)
    heard: list[Heard] = []
    with pytest.raises(ModelRefused):
        await models().ask(ABOUT_LEASE, heard.append)
    assert heard[0] == TextHeard("The docu")
    assert messages_server.transcript.total == 1


async def test_a_question_that_is_withdrawn_ends_the_answer_at_the_server(
    models: Models, messages_server: MessagesServer
) -> None:
    """Each token that the server still makes would be paid for."""
    messages_server.misbehave("none", segments=[{"text": "word " * 1600}], pause_s=0.02)
    heard = asyncio.Event()
    asked = asyncio.create_task(models().ask(ABOUT_LEASE, lambda _: heard.set()))
    await heard.wait()
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    async with asyncio.timeout(1):
        while not messages_server.abandoned:
            await asyncio.sleep(0.005)
    (abandoned,) = messages_server.abandoned
    assert abandoned.events_sent < 20 and abandoned.events > 200
    assert messages_server.transcript.total == 1


async def test_a_question_withdrawn_before_the_answer_ends_the_call_too(
    models: Models, messages_server: MessagesServer
) -> None:
    messages_server.misbehave("hang")
    asked = asyncio.create_task(models().ask(ABOUT_LEASE))
    while not messages_server.transcript.total:
        await asyncio.sleep(0.005)
    asked.cancel()
    async with asyncio.timeout(1):
        while not messages_server.abandoned:
            await asyncio.sleep(0.005)


@pytest.mark.parametrize(
    ("status", "message"), [(400, "prompt is too long: 203512 tokens > 200000 maximum"), (413, "Too large")]
)
async def test_a_document_that_is_longer_than_the_window_is_an_error_of_its_own(
    models: Models, messages_server: MessagesServer, status: int, message: str
) -> None:
    type = "request_too_large" if status == 413 else "invalid_request_error"
    messages_server.misbehave("status", status=status, type=type, message=message)
    with pytest.raises(ModelQuestionTooLong):
        await models().ask(ABOUT_LEASE)
    assert messages_server.transcript.total == 1


ASKING = """
import asyncio
from common import logs
from common.adapters.anthropic_client import AnthropicModel
from common.model_question import Question, Text
from common.runtime.model_settings import ModelSettings

async def main():
    logs.configure("DEBUG", "test")
    async with AnthropicModel(ModelSettings()) as model:
        await model.ask(Question("Instructed.", (Text("Dear Mrs Smith"),)))
        try:
            await model.ask(Question("Instructed.", (Text("Dear Mrs Smith"),), max_tokens=10**7))
        except Exception as error:
            print(error)

asyncio.run(main())
"""


def test_neither_text_nor_key_gets_into_logs_at_any_level(messages_server: MessagesServer) -> None:
    messages_server.misbehave("status", times=1, status=503, message="I cannot read: Dear Mrs Smith")
    environment = {
        **os.environ,
        "ANTHROPIC_BASE_URL": messages_server.url,
        "ANTHROPIC_API_KEY": "sk-secret",
        "ANTHROPIC_LOG": "debug",
    }
    command = [sys.executable, "-c", ASKING]
    asked = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=50, check=True)
    said = asked.stdout + asked.stderr
    assert "model_answered" in said and "model_call_failed" in said and "OCR_MODEL_MAX_TOKENS" in said
    for secret in ("Smith", "Instructed", "sk-secret"):
        assert secret not in said
