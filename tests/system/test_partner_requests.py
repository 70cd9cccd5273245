"""Requests over the queue, from a foreign client: what comes of them, once and paid once."""

import secrets
from collections.abc import Iterator

import pytest

from tests import files
from tests.client import accepted
from tests.pages import text_page
from tests.partner import Partner, add, admitted, connected
from tests.stack import Stack

TEXT = "Invoice number 4711"


@pytest.fixture(scope="module")
def partner(stack: Stack) -> Iterator[Partner]:
    name = f"partner-{secrets.token_hex(3)}"
    with connected(name, *admitted(stack, name)) as one:
        yield one


@pytest.fixture(scope="module")
def scan() -> bytes:
    return files.scanned_pdf([text_page([TEXT])])


def used(partner: Partner) -> int:
    return int(partner.client.account()["used"])


def test_a_file_comes_back_as_text(partner: Partner, scan: bytes) -> None:
    before = used(partner)
    request = partner.send(
        scan,
        content_type="application/pdf",
        correlation_id="order 7",
        headers={"language": "en", "filename": "Rechnung.pdf"},
    )
    told = partner.told(request, last="done")
    assert [one.what for one in told] == ["accepted", "page", "done"]
    assert {one.correlation_id for one in told} == {"order 7"}
    done = told[-1].body
    assert TEXT in done["result"]["text"] and done["result"]["filename"] == "Rechnung.pdf"
    assert done["usage"] == {"pages": 1, "credits": 1} and used(partner) == before + 1
    shown = partner.client.job(done["job_id"]).json()
    assert done["result"] == shown, "what is told is what the REST API shows"


def test_a_message_that_comes_twice_is_one_job_and_paid_once(partner: Partner, scan: bytes) -> None:
    before = used(partner)
    request = f"twice-{secrets.token_hex(4)}"
    for _ in range(3):
        partner.send(scan, message_id=request, headers={"language": "en"})
    told = partner.told(request, last="accepted", times=3)
    told = partner.told(request, last="done")
    assert len({one.body["job_id"] for one in told}) == 1
    partner.send(scan, message_id=request, headers={"language": "en"})
    told = partner.told(request, last="accepted", times=4)
    assert len({one.body["job_id"] for one in told}) == 1 and used(partner) == before + 1
    partner.send(scan, message_id=request, headers={"language": "de"})
    assert partner.told(request, last="rejected")[-1].body["code"] == "idempotency_key_reused"


def test_a_job_sent_by_rest_is_told_of_on_the_queue(partner: Partner, scan: bytes) -> None:
    before = used(partner)
    job = accepted(partner.client.submit(scan, language="en"))
    request = partner.send(
        f'{{"job": "{job["uuid"]}"}}'.encode(), content_type="application/json", correlation_id="order 8"
    )
    told = partner.told(request, last="done")
    assert {one.correlation_id for one in told} == {"order 8"}
    assert TEXT in told[-1].body["result"]["text"] and used(partner) == before + 1


def test_answers_go_to_a_queue_of_the_partners_own(partner: Partner, scan: bytes) -> None:
    queue = f"partner.{partner.name}.answers"
    partner.channel.queue_declare(queue, exclusive=True)
    request = partner.send(scan, reply_to=queue, headers={"language": "en"})
    partner.told(request, last="done")
    keys = []
    while (found := partner.channel.basic_get(queue, auto_ack=True))[0] is not None:
        keys.append(found[1].type)
    assert len(keys) >= 3


@pytest.mark.parametrize(
    ("properties", "code", "field"),
    [
        ({"reply_to": "ocr.tracking"}, "invalid_field", "reply_to"),
        ({"headers": {"langage": "en"}}, "unknown_field", "langage"),
        ({"headers": {"language": "klingonese"}}, "invalid_field", "language"),
        ({"headers": {"pages": "9"}}, "invalid_field", "pages"),
        ({"content_type": "application/json"}, "invalid_field", "body"),
        ({"content_encoding": "gzip"}, "invalid_field", "content_encoding"),
    ],
)
def test_a_request_that_cannot_be_served_says_why(
    partner: Partner, scan: bytes, properties: dict[str, object], code: str, field: str
) -> None:
    before = used(partner)
    request = partner.send(scan, **properties)
    (rejected,) = partner.told(request, last="rejected")
    assert (rejected.body["code"], rejected.body["field"]) == (code, field)
    assert rejected.body["error"] and used(partner) == before


def test_a_file_that_is_none_says_so(partner: Partner) -> None:
    request = partner.send(b"just words", content_type="application/pdf")
    (rejected,) = partner.told(request, last="rejected")
    assert rejected.body["code"] == "unsupported_type"


def test_who_has_too_few_credits_is_told_how_many_are_missing(stack: Stack) -> None:
    name = f"poor-{secrets.token_hex(3)}"
    with connected(name, *admitted(stack, name, credits=1)) as poor:
        request = poor.send(files.scanned_pdf([text_page([TEXT])] * 2))
        (rejected,) = poor.told(request, last="rejected")
    assert rejected.body["code"] == "out_of_credits"
    assert (rejected.body["balance"], rejected.body["needed"]) == (1, 2)


def test_a_message_without_a_user_id_is_nobodys(partner: Partner, scan: bytes) -> None:
    before = used(partner)
    partner.send(scan, user_id=None, correlation_id="mine")
    told = partner.until(lambda heard: any(one.body.get("code") == "unauthorized" for one in heard))
    rejected = next(one for one in told if one.body.get("code") == "unauthorized")
    assert "user_id" in rejected.body["error"] and rejected.correlation_id != "mine"
    assert used(partner) == before


def test_a_partner_that_is_removed_is_heard_no_more(stack: Stack, scan: bytes) -> None:
    name = f"gone-{secrets.token_hex(3)}"
    client, url = admitted(stack, name)
    with connected(name, client, url) as gone:
        request = gone.send(scan, headers={"language": "en"})
        gone.told(request, last="done")
    stack.admin("partner", "remove", name)
    assert client.account()["used"] == 1
    with connected(name, client, add(stack, name)) as back:
        request = back.send(scan, headers={"language": "en"})
        back.told(request, last="done")
