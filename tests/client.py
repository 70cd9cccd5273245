"""A client of the REST API, as thin as may be: it asks, and leaves judging to the test."""

import json
import random
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from tests.secrets_in_logs import SECRETS

Job = dict[str, Any]

JOBS = "/api/v1/ocr/"
_UNFINISHED = ("pending", "processing")
_POLL_S = 0.1


@dataclass(frozen=True, slots=True)
class Event:
    """One server-sent event."""

    id: str
    kind: str
    data: dict[str, Any]


class Client:
    """Asks one service as one account; without a token, as nobody, from ``address`` if need be.

    Of several replicas ``chance`` chooses one for every request.
    """

    def __init__(
        self,
        urls: str | Sequence[str],
        token: str | None = None,
        address: str | None = None,
        chance: random.Random | None = None,
    ) -> None:
        self.urls = [urls] if isinstance(urls, str) else list(urls)
        self.token = token
        self._chance = chance or random.Random()
        self.session = requests.Session()
        if address is not None:
            self.session.mount("http://", _From(address))
        if token is not None:
            self.session.headers["Authorization"] = f"Bearer {token}"
            SECRETS.note_token(token)

    @property
    def url(self) -> str:
        """Of any replica: each look may find another."""
        return self._chance.choice(self.urls)

    def at(self, url: str) -> "Client":
        """The same account, at one replica alone."""
        return Client(url, self.token)

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.session.get(self.url + path, **{"timeout": 60, **options})

    def post(self, path: str, **options: Any) -> requests.Response:
        SECRETS.note_text((options.get("json") or {}).get("message"))  # of a question
        return self.session.post(self.url + path, **{"timeout": 120, **options})

    def delete(self, path: str, **options: Any) -> requests.Response:
        return self.session.delete(self.url + path, **{"timeout": 60, **options})

    def submit(self, data: bytes, filename: str = "page.png", **fields: str) -> requests.Response:
        return self.post(JOBS, files={"file": (filename, data)}, data=fields)

    def job(self, uuid: str) -> requests.Response:
        return self.get(f"{JOBS}{uuid}/")

    def jobs(self, **options: Any) -> requests.Response:
        return self.get(JOBS, params=options)

    def cancel(self, uuid: str) -> requests.Response:
        return self.post(f"{JOBS}{uuid}/cancel/")

    def remove(self, uuid: str) -> requests.Response:
        return self.delete(f"{JOBS}{uuid}/")

    def image(self, uuid: str, index: int, **options: Any) -> requests.Response:
        return self.get(f"{JOBS}{uuid}/pages/{index}/image/", params=options)

    def account(self) -> dict[str, Any]:
        answer: dict[str, Any] = self.get("/api/v1/account/").json()
        return answer

    def balance_becomes(self, credits: int, limit_s: float = 10) -> bool:
        """Whether it does, before long: the books are settled just after a job has ended."""
        deadline = time.monotonic() + limit_s
        while (balance := self.account()["balance"]) != credits and time.monotonic() < deadline:
            time.sleep(_POLL_S)
        return bool(balance == credits)

    def events(self, uuid: str, after: str | None = None) -> Generator[Event]:
        """The events of a job as they come; ``after`` the one with that id."""
        headers = {"Last-Event-ID": after} if after is not None else {}
        with self.get(f"{JOBS}{uuid}/events/", headers=headers, stream=True) as answer:
            assert answer.status_code == 200, f"{answer.status_code}: {answer.text[:500]}"
            yield from _events(answer.iter_lines(decode_unicode=True))

    def download(self, uuid: str, file_format: str, **options: Any) -> requests.Response:
        return self.get(f"{JOBS}{uuid}/download/", params={"format": file_format, **options})

    def read(self, data: bytes, filename: str = "page.png", limit_s: float = 60, **fields: str) -> Job:
        """Submit, and follow the job to its end."""
        return self.finished(accepted(self.submit(data, filename, **fields)), limit_s)

    def finished(self, job: Job, limit_s: float = 60) -> Job:
        """The job once it is neither pending nor processing."""
        return list(self.watched(job, limit_s))[-1]

    def watched(self, job: Job, limit_s: float = 60) -> Iterator[Job]:
        """The job again and again, as it is now, until it has ended."""
        deadline = time.monotonic() + limit_s
        yield job
        while job["status"] in _UNFINISHED:
            assert time.monotonic() < deadline, f"after {limit_s} s still {progress(job)}"
            time.sleep(_POLL_S)
            job = accepted(self.job(job["uuid"]))
            yield job


class _From(HTTPAdapter):
    """Connects from an address of its own: all of 127.0.0.0/8 is this machine's."""

    def __init__(self, address: str) -> None:
        self._address = address
        super().__init__()

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, source_address=(self._address, 0), **options)


def _events(lines: Iterator[str]) -> Iterator[Event]:
    fields: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
            continue
        if "data" in fields:
            yield Event(fields["id"], fields["event"], json.loads(fields["data"]))
        fields = {}


def accepted(response: requests.Response) -> Job:
    """The job in an answer that must hold one."""
    assert response.status_code in (200, 202), f"{response.status_code}: {response.text[:500]}"
    job: Job = response.json()
    SECRETS.note_text(job.get("text"))
    return job


def progress(job: Job) -> str:
    return f"{job['status']}, {job.get('pages_done')} of {job.get('page_count')} pages done"


def words(text: str) -> str:
    """The words alone, for comparing: line breaks are the engine's affair."""
    return " ".join(text.split())
