"""A client of the REST API, as thin as may be: it asks, and leaves judging to the test."""

import time
from collections.abc import Iterator
from typing import Any

import requests

Job = dict[str, Any]

JOBS = "/api/v1/ocr/"
_UNFINISHED = ("pending", "processing")
_POLL_S = 0.1


class Client:
    """Asks one service as one account; without a token, as nobody."""

    def __init__(self, url: str, token: str | None = None) -> None:
        self.url = url.rstrip("/")
        self.token = token
        self.session = requests.Session()
        if token is not None:
            self.session.headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.session.get(self.url + path, **{"timeout": 60, **options})

    def post(self, path: str, **options: Any) -> requests.Response:
        return self.session.post(self.url + path, **{"timeout": 120, **options})

    def submit(self, data: bytes, filename: str = "page.png", **fields: str) -> requests.Response:
        return self.post(JOBS, files={"file": (filename, data)}, data=fields)

    def job(self, uuid: str) -> requests.Response:
        return self.get(f"{JOBS}{uuid}/")

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


def accepted(response: requests.Response) -> Job:
    """The job in an answer that must hold one."""
    assert response.status_code in (200, 202), f"{response.status_code}: {response.text[:500]}"
    job: Job = response.json()
    return job


def progress(job: Job) -> str:
    return f"{job['status']}, {job.get('pages_done')} of {job.get('page_count')} pages done"


def words(text: str) -> str:
    """The words alone, for comparing: line breaks are the engine's affair."""
    return " ".join(text.split())
