"""Questions about documents, asked as a client asks them, and what every answer has to be."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests

from tests.client import Client, Job

STREAM = {"Accept": "text/event-stream"}


@dataclass(frozen=True, slots=True)
class Event:
    """One server-sent event."""

    kind: str
    data: dict[str, Any]


def chat_path(job: Job) -> str:
    return f"/api/v1/chat/{job['uuid']}/"


def ask(client: Client, job: Job, message: str, **more: Any) -> requests.Response:
    return client.post(chat_path(job), json={"message": message, **more})


def answer_to(client: Client, job: Job, message: str, **more: Any) -> dict[str, Any]:
    """The whole body of the answer, checked."""
    response = ask(client, job, message, **more)
    assert response.status_code == 200, response.text[:500]
    body: dict[str, Any] = response.json()
    check_answer(job, body)
    return body


def history(client: Client, job: Job, **query: str) -> dict[str, Any]:
    response = client.get(f"{chat_path(job)}history/", params=query)
    assert response.status_code == 200, response.text[:500]
    told: dict[str, Any] = response.json()
    return told


@contextmanager
def streamed(client: Client, job: Job, message: str, **more: Any) -> Iterator[Iterator[Event]]:
    """The events of an answer as they come."""
    body = {"message": message, **more}
    with client.post(chat_path(job), json=body, headers=STREAM, stream=True) as response:
        assert response.status_code == 200, response.text[:500]
        assert response.headers["Content-Type"].startswith("text/event-stream")
        yield _events(response)


def check_answer(job: Job, body: dict[str, Any]) -> None:
    """The shape that is promised, and every snippet verbatim on its page, within the page's bounds."""
    assert isinstance(body["conversation"], str) and body["conversation"]
    message = body["message"]
    assert message["role"] == "assistant" and message["content"].strip()
    assert message["engine"] in ("model", "extractive")
    pages = {page["source_page"]: page for page in job["pages"]}
    marks = re.findall(r"\(pp?\. ([0-9, ]+)\)", message["content"])
    named = {int(page) for mark in marks for page in mark.split(",")}
    for citation in message["citations"]:
        page = pages[citation["page"]]
        assert " ".join(citation["snippet"].split()) in " ".join(page["text"].split())
        x0, y0, x1, y1 = citation["bbox"]
        assert 0 <= x0 < x1 <= page["width"] and 0 <= y0 < y1 <= page["height"]
        assert citation["page"] in named, message["content"]


def check_stream(events: list[Event]) -> dict[str, Any]:
    """What was streamed adds up to the answer in the end, which is returned."""
    assert events[0].kind == "conversation" and events[-1].kind == "done", [one.kind for one in events]
    text, citations = "", []
    for event in events:
        match event.kind:
            case "text":
                text += event.data["text"]
            case "citation":
                citations.append(event.data)
            case "restart":
                text, citations = "", []
    done = events[-1].data
    assert done["conversation"] == events[0].data["conversation"]
    assert done["message"]["content"] == text
    assert done["message"]["citations"] == citations
    return done


def _events(response: requests.Response) -> Iterator[Event]:
    kind = ""
    for line in response.iter_lines(decode_unicode=True):
        if line.startswith("event: "):
            kind = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield Event(kind, json.loads(line.removeprefix("data: ")))
