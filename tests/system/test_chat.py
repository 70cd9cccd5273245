"""Asking about a document without a model: sentences of the document itself, with page and place."""

import secrets
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests import files
from tests.client import JOBS, Client, Job, accepted
from tests.conversing import answer_to, ask, chat_path, check_stream, history, streamed
from tests.pages import blank_page, numbered_pages
from tests.stack import Stack
from tests.system.judging import UUID, check_problem

LETTER = files.born_digital_pdf(
    [
        [
            "Invoice",
            "Invoice number: NL-20418",
            "Date of the invoice: 3 March 2025",
            "Greenfield Hotels plc, 12 Harbour Road, Bristol",
        ],
        [
            "Terms of payment",
            "The total amount due is 1,551.60 EUR, to be paid by 2 April 2025.",
            "A discount of 2 percent is given for payment within ten days.",
            "Contact: billing@example.com",
        ],
    ]
)


@pytest.fixture(scope="module")
def stack(hasty_stack: Stack) -> Stack:
    return hasty_stack


@pytest.fixture(scope="module")
def reader(stack: Stack) -> Client:
    return stack.client(stack.account(f"chat-{secrets.token_hex(4)}"))


@pytest.fixture(scope="module")
def job(reader: Client) -> Job:
    return reader.read(LETTER, "letter.pdf", language="en")


@pytest.mark.parametrize(
    ("question", "page", "part"),
    [
        ("What is the invoice number?", 1, "NL-20418"),
        ("What is the total amount due?", 2, "1,551.60 EUR"),
        ("Wie hoch ist der Gesamtbetrag?", 2, "1,551.60 EUR"),
        ("What is the e-mail address?", 2, "billing@example.com"),
    ],
)
def test_the_sentence_that_answers_is_quoted_with_its_page(
    reader: Client, job: Job, question: str, page: int, part: str
) -> None:
    message = answer_to(reader, job, question, conversation="new")["message"]
    first = message["citations"][0]
    assert message["engine"] == "extractive"
    assert (first["page"], part in first["snippet"]) == (page, True)
    assert f"(p. {page})" in message["content"] and part in message["content"]


def test_what_the_document_does_not_say_is_said_plainly(reader: Client, job: Job) -> None:
    message = answer_to(reader, job, "Which football club won the championship?")["message"]
    assert message["citations"] == []
    assert message["content"] == "The document does not say so."


def test_the_answer_is_in_the_language_of_the_question(reader: Client, job: Job) -> None:
    message = answer_to(reader, job, "Welcher Verein hat die Meisterschaft gewonnen?")["message"]
    assert message["content"] == "Das steht nicht im Dokument."


def test_a_page_is_told_by_its_number_in_the_file(reader: Client) -> None:
    second = reader.read(LETTER, "letter.pdf", language="en", pages="2")
    message = answer_to(reader, second, "What is the total amount due?")["message"]
    assert message["citations"][0]["page"] == 2


def test_an_empty_document_is_answered_honestly(reader: Client) -> None:
    blank = reader.read(files.png(blank_page()), "blank.png", language="en")
    message = answer_to(reader, blank, "What is the total?")["message"]
    assert message["content"] == "No text was found in the document."
    assert message["citations"] == []


def test_a_conversation_goes_on_begins_anew_and_is_picked_by_its_id(reader: Client) -> None:
    job = reader.read(LETTER, "letter.pdf", language="en")
    assert history(reader, job) == {"conversation": None, "messages": []}
    first = answer_to(reader, job, "What is the invoice number?")
    assert UUID.fullmatch(first["conversation"])
    again = answer_to(reader, job, "And the date?")
    assert again["conversation"] == first["conversation"]
    other = answer_to(reader, job, "What is the total amount due?", conversation="new")
    assert other["conversation"] != first["conversation"]
    assert answer_to(reader, job, "And the discount?")["conversation"] == other["conversation"]
    picked = answer_to(reader, job, "Who is it for?", conversation=first["conversation"])
    assert picked["conversation"] == first["conversation"]

    told = history(reader, job, conversation=first["conversation"])
    assert [one["content"] for one in told["messages"] if one["role"] == "user"] == [
        "What is the invoice number?", "And the date?", "Who is it for?",
    ]  # fmt: skip
    assert told["messages"][1] == first["message"]
    assert history(reader, job)["conversation"] == other["conversation"]
    assert len(history(reader, job)["messages"]) == 4


def test_a_follow_up_is_understood_from_the_question_before(reader: Client, job: Job) -> None:
    answer_to(reader, job, "What is the total amount due?", conversation="new")
    message = answer_to(reader, job, "And by when is it to be paid?")["message"]
    assert "2 April 2025" in message["citations"][0]["snippet"]


def test_questions_that_come_at_once_are_answered_one_after_the_other(reader: Client) -> None:
    job = reader.read(LETTER, "letter.pdf", language="en")
    questions = [f"What is the total amount due, asked {number} times?" for number in range(5)]
    with ThreadPoolExecutor(len(questions)) as pool:
        answers = list(pool.map(lambda question: answer_to(reader, job, question), questions))
    assert len({body["conversation"] for body in answers}) == 1
    messages = history(reader, job)["messages"]
    assert [one["role"] for one in messages] == ["user", "assistant"] * len(questions)
    assert {one["content"] for one in messages[::2]} == set(questions)
    came = [one["created_at"] for one in messages[1::2]]
    assert came == sorted(came)


def test_an_answer_streams_and_adds_up(reader: Client, job: Job) -> None:
    with streamed(reader, job, "What is the total amount due?", conversation="new") as events:
        done = check_stream(list(events))
    assert done["message"]["citations"][0]["page"] == 2
    assert history(reader, job)["messages"][-1] == done["message"]


def test_nobody_asks_about_a_job_without_a_token_or_with_anothers(
    stack: Stack, reader: Client, job: Job
) -> None:
    for path in (chat_path(job), f"{chat_path(job)}history/"):
        method = "POST" if path == chat_path(job) else "GET"
        for token, status, code in ((None, 401, "unauthorized"), ("ocr_wrong", 401, "unauthorized")):
            asker = stack.client(token)
            answer = asker.session.request(method, asker.url + path, json={"message": "?"}, timeout=60)
            check_problem(answer, status, code)
            assert answer.headers["WWW-Authenticate"]
    other = stack.client(stack.account(f"other-{secrets.token_hex(4)}"))
    check_problem(ask(other, job, "What is the total?"), 404, "not_found")
    check_problem(other.get(f"{chat_path(job)}history/"), 404, "not_found")
    check_problem(ask(reader, {"uuid": "no-uuid"}, "What is the total?"), 404, "not_found")


def test_visitors_read_and_do_not_ask(stack: Stack) -> None:
    visitor = stack.client(None)
    job = visitor.read(files.png(numbered_pages(1)[0].image), language="en")
    check_problem(ask(visitor, job, "What is written there?"), 401, "unauthorized")


def test_a_job_without_a_result_is_a_conflict(reader: Client) -> None:
    pages = [sheet.image for sheet in numbered_pages(8)]
    job = accepted(reader.submit(files.scanned_pdf(pages), "long.pdf", language="en"))
    check_problem(ask(reader, job, "What is the total?"), 409, "job_not_finished")
    reader.cancel(job["uuid"])
    check_problem(ask(reader, job, "What is the total?"), 409, "job_has_no_result")


def test_the_conversation_goes_with_its_job(reader: Client) -> None:
    job = reader.read(LETTER, "letter.pdf", language="en")
    answer_to(reader, job, "What is the total amount due?")
    assert reader.remove(job["uuid"]).status_code == 204
    check_problem(reader.get(f"{chat_path(job)}history/"), 404, "not_found")
    check_problem(ask(reader, job, "What is the total?"), 404, "not_found")


def test_a_message_that_is_none_is_refused_with_what_to_send(reader: Client, job: Job) -> None:
    for sent in ({}, {"message": ""}, {"message": "x" * 4001}, {"message": "?", "model": "mine"}):
        body = reader.post(chat_path(job), json=sent)
        assert body.status_code == 400 and "message" in body.json()["error"], body.text
    answer = reader.post(chat_path(job), json={"message": "?", "conversation": "0" * 32})
    assert "new" in check_problem(answer, 404, "not_found")["error"]


def test_the_contract_of_existing_clients_holds(reader: Client, job: Job) -> None:
    """What curl sends: no Accept to speak of, and a JSON type."""
    answer = reader.session.post(
        f"{reader.url}/api/v1/chat/{job['uuid']}",
        data='{"message": "What is the total amount due?"}',
        headers={"Content-Type": "application/json", "Accept": "*/*"},
        timeout=60,
    )
    message = answer.json()["message"]
    assert message["role"] == "assistant"
    assert all({"page", "snippet"} <= citation.keys() for citation in message["citations"])
    assert reader.get(f"{JOBS}{job['uuid']}/").json()["usage"]["credits"] == 2
