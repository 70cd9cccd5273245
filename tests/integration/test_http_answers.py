"""What every answer of the REST API has, asked over real sockets."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
import structlog

from common.contracts.tasks import ExportFormat
from common.domain.export import ExportRequest
from common.errors import (
    BrokerUnavailable,
    ExportCrashed,
    ExportDiskFull,
    ExportPending,
    ExportTimeout,
    ExportTooLarge,
    FleetError,
    FormatFailed,
    NotFound,
    SourceMissing,
    StoreUnavailable,
    TooManyDownloads,
    TooManySignUps,
)
from front.settings import FrontSettings
from tests.fakes.front import API, Front, eventually, running_front
from tests.fakes.samples import JOB_ID, job
from tests.fakes.services import (
    FREE,
    ISSUED,
    MARKDOWN,
    MARKED_MARKDOWN,
    PAGES,
    PAID,
    SUSPENDED,
    TEXT,
    FakeExports,
    done_job,
    failed_job,
)

TOKENS = "/api/v1/account/tokens/"

JOB = f"{API}{JOB_ID}/"
READ_TWICE = 2
EXCEL = ExportRequest(ExportFormat.CSV, excel=True)
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.fixture
def front(tmp_path: Path) -> Iterator[Front]:
    with running_front(FrontSettings(front_port=0, spool_dir=tmp_path, inline_wait_s=0.1)) as started:
        started.services.jobs.jobs[JOB_ID] = done_job(account_id="paid")
        yield started


# --- who asks -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        JOB,
        API + JOB_ID,
        f"{JOB}download/?format=txt",
        f"{JOB}events/",
        f"{JOB}pages/0/image/",
        API,
        "/api/v1/account",
    ],
)
def test_nobody_gets_in_with_a_token_that_is_not_valid(front: Front, path: str) -> None:
    for token in ("wrong", " "):
        answer = front.get(path, headers={"Authorization": f"Bearer {token}"}, token=None)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["code"] == "unauthorized"


def test_a_token_may_come_in_the_header_or_in_the_query(front: Front) -> None:
    assert front.get(JOB).status_code == 200
    assert front.get(f"{JOB}?api_token={PAID}", token=None).status_code == 200


def test_the_header_wins(front: Front) -> None:
    assert front.get(f"{JOB}?api_token={PAID}", token="wrong").status_code == 401
    assert front.get(f"{JOB}?api_token=wrong", token=PAID).status_code == 200


def test_a_suspended_account_is_told_so(front: Front) -> None:
    assert front.get(JOB, SUSPENDED).status_code == 403


def test_the_job_of_somebody_else_is_not_there(front: Front) -> None:
    mine, *malformed = (front.get(path, FREE) for path in (JOB, f"{API}nonsense/", f"{API}%ff/"))
    assert {answer.status_code for answer in (mine, *malformed)} == {404}
    assert {answer.json()["detail"] for answer in malformed} == {mine.json()["detail"]}


def test_an_account_can_see_its_plan(front: Front) -> None:
    assert front.get("/api/v1/account/", FREE).json() == {
        "account": "free",
        "plan": "free",
        "used": 3,
        "cap": 100,
        "resets_at": "2026-11-22T09:00:00.000Z",
        "balance": None,
        "limits": {
            "max_pages": 25,
            "max_bytes": 25 * 1024 * 1024,
            "max_active_jobs": 20,
            "requests_per_minute": 600,
            "questions_per_minute": 20,
            "retention_hours": 24,
            "max_retention_hours": 168,
        },
        "usage": [
            {"day": "2026-11-22", "pages": 2, "translated_pages": 0, "messages": 1, "credits": 3},
        ],
    }


def test_the_plans_are_listed_with_what_a_page_costs(front: Front) -> None:
    answer = front.get("/api/v1/plans/", token=None).json()
    assert answer["credits_per_page"] == {"cpu": 1, "vlm": 5, "translation": 0}
    assert answer["credits_per_message"] == 0
    anonymous, free, paid = answer["plans"]
    limits = anonymous.pop("limits")
    assert anonymous == {
        "plan": "anonymous",
        "allowance": {"credits": 5, "period": "day"},
        "priority": False,
    }
    assert (limits["max_pages"], limits["max_bytes"]) == (5, 10 * 1024 * 1024)
    assert free["allowance"] == {"credits": 100, "period": "month"}
    assert (paid["plan"], paid["allowance"], paid["priority"]) == ("paid", None, True)


def test_tokens_are_listed_without_their_secrets(front: Front) -> None:
    mine, other = front.get(TOKENS, FREE).json()["tokens"]
    assert mine == {
        "prefix": FREE[:10],
        "created_at": "2026-11-22T09:00:00.000Z",
        "last_used_at": "2026-11-22T09:00:00.000Z",
        "is_this_one": True,
    }
    assert (other["prefix"], other["last_used_at"], other["is_this_one"]) == ("ocr_new-se", None, False)


def test_a_new_token_is_shown_once(front: Front) -> None:
    for path in (TOKENS, f"{TOKENS}ocr_abc-_1/rotate/"):
        answer = front.ask("POST", path, FREE)
        assert (answer.status_code, answer.json()["token"]) == (201, ISSUED.secret)
        assert answer.headers["Cache-Control"] == "no-store"
    assert front.services.tokens.asked == [("create", "free"), ("rotate", "free", "ocr_abc-_1")]


def test_a_token_is_revoked(front: Front) -> None:
    assert front.ask("DELETE", f"{TOKENS}ocr_abc-_1/", FREE).status_code == 204
    assert front.services.tokens.asked == [("revoke", "free", "ocr_abc-_1")]


@pytest.mark.parametrize("path", [TOKENS, f"{TOKENS}ocr_abc-_1/", "/api/v1/account/"])
def test_visitors_have_no_account_to_look_after(front: Front, path: str) -> None:
    method = "DELETE" if "abc" in path else "GET"
    assert front.ask(method, path, token=None).status_code == 401


def test_where_nobody_may_sign_up_that_is_told(front: Front) -> None:
    answer = front.ask("POST", "/api/v1/accounts/", token=None)
    assert (answer.status_code, answer.json()["code"]) == (403, "sign_up_closed")


def test_who_signs_up_is_given_an_account_and_its_token(front: Front) -> None:
    front.services.sign_up.error = None
    answer = front.ask("POST", "/api/v1/accounts/", token=None)
    body = answer.json()
    assert (answer.status_code, answer.headers["Location"]) == (201, "/api/v1/account/")
    assert (body["account"], body["plan"], body["token"]) == ("free", "free", ISSUED.secret)
    assert body["limits"]["max_pages"] == 25
    assert front.services.sign_up.networks == ["127.0.0.1"]


def test_too_many_accounts_of_one_address_are_told_so(front: Front) -> None:
    front.services.sign_up.error = TooManySignUps()
    answer = front.ask("POST", "/api/v1/accounts/", token=None)
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_sign_ups")
    assert "Retry-After" in answer.headers


# --- every answer -------------------------------------------------------------------------------


def test_every_answer_carries_the_name_of_its_request(front: Front) -> None:
    for path in (JOB, "/nowhere", "/livez", f"{JOB}download/"):
        assert front.get(path, headers={"X-Request-Id": "mine-1"}).headers["X-Request-Id"] == "mine-1"
        assert len(front.get(path).headers["X-Request-Id"]) == 32
    answer = front.get("/nowhere", headers={"X-Request-Id": "not\tsane"})
    assert answer.json()["request_id"] == answer.headers["X-Request-Id"] != "not\tsane"


def test_every_answer_is_protected_against_guessing_and_caching(front: Front) -> None:
    for path in (JOB, "/nowhere", "/livez"):
        headers = front.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
        assert "Server" not in headers
        assert "ETag" not in headers


@pytest.mark.parametrize(
    "path", ["/", "/api/v1/", "/api/v2/ocr/", f"{JOB}nothing/", "/api/v1/ocr//", "/favicon.ico"]
)
def test_an_unknown_address_is_a_problem_document(front: Front, path: str) -> None:
    for method in ("GET", "POST", "DELETE"):
        answer = front.ask(method, path, token=None)
        assert answer.status_code == 404
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["code"] == "not_found"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", API, "GET, HEAD, POST"),
        ("POST", JOB, "GET, HEAD, DELETE"),
        ("GET", f"{JOB}cancel/", "POST"),
        ("FOO", "/livez", "GET, HEAD"),
    ],
)
def test_a_wrong_method_is_told_the_right_ones(front: Front, method: str, path: str, allowed: str) -> None:
    answer = front.ask(method, path)
    assert (answer.status_code, answer.headers["Allow"]) == (405, allowed)
    assert answer.json()["code"] == "method_not_allowed"
    assert "Allow" in answer.json()["error"]


def test_every_path_is_served_with_and_without_the_last_slash(front: Front) -> None:
    for path in (JOB, f"{JOB}download/", "/api/v1/tools/", "/api/v1/account/", "/livez/", "/readyz/"):
        for one in (path, path.rstrip("/")):
            assert front.get(one, params={"format": "txt"}, allow_redirects=False).status_code == 200


def test_head_of_a_job_reads_no_document_and_tells_no_length(front: Front) -> None:
    front.services.jobs.error = StoreUnavailable()
    answer = front.ask("HEAD", JOB)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    assert "Content-Length" not in answer.headers
    assert front.ask("HEAD", f"{API}{'0' * 32}/").status_code == 404


def test_head_is_get_without_the_body(front: Front) -> None:
    answer = front.ask("HEAD", f"{JOB}download/?format=txt")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["Content-Length"] == str(len(TEXT.encode()))


def test_a_connection_is_used_again_after_an_error(front: Front) -> None:
    with front.socket() as client:
        for _ in range(READ_TWICE):
            client.sendall(b"GET /api/v1/account/ HTTP/1.1\r\nHost: x\r\n\r\n")
            assert client.recv(65536).startswith(b"HTTP/1.1 401")


def test_a_body_where_none_belongs_is_not_kept(front: Front) -> None:
    assert front.get("/livez", data=b"x" * 1000).status_code == 200
    answer = front.get("/livez", data=b"x" * 3_000_000)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


# --- the job and its downloads ------------------------------------------------------------------


def test_a_finished_job_is_shown_with_its_document(front: Front) -> None:
    answer = front.get(JOB)
    assert answer.headers["Content-Type"] == "application/json"
    view = answer.json()
    assert (view["status"], view["text"], view["markdown"]) == ("done", TEXT, MARKDOWN)
    assert view["pages"] == PAGES


def test_words_come_with_detail(front: Front) -> None:
    assert "lines" in front.get(f"{JOB}?detail=words").json()["pages"][0]["blocks"][0]
    wrong = front.get(f"{JOB}?detail=letters")
    assert (wrong.status_code, wrong.json()["field"]) == (400, "detail")


@pytest.mark.parametrize(
    ("name", "content_type", "content"),
    [("txt", "text/plain; charset=utf-8", TEXT), ("md", "text/markdown; charset=utf-8", MARKED_MARKDOWN)],
)
def test_text_is_downloaded_as_a_file(front: Front, name: str, content_type: str, content: str) -> None:
    answer = front.get(f"{JOB}download/", params={"format": name})
    assert answer.headers["Content-Type"] == content_type
    assert answer.headers["Content-Disposition"] == f'attachment; filename="letter.{name}"'
    assert answer.content.decode() == content


def test_the_json_download_is_the_whole_job_with_words(front: Front) -> None:
    answer = front.get(f"{JOB}download/", params={"format": "json"})
    assert answer.headers["Content-Disposition"] == 'attachment; filename="letter.json"'
    saved = answer.json()
    assert (saved["uuid"], saved["text"], saved["markdown"]) == (JOB_ID, TEXT, MARKDOWN)
    assert "lines" in answer.json()["pages"][0]["blocks"][0]


@pytest.mark.parametrize("query", ["", "?format=", "?format=exe", "?format=TXT"])
def test_a_format_that_is_missing_or_unknown_is_told_the_known_ones(front: Front, query: str) -> None:
    answer = front.get(f"{JOB}download/{query}")
    assert answer.status_code == 400
    assert all(name in answer.json()["error"] for name in ("txt", "md", "docx", "pdf", "csv", "json"))


@pytest.mark.parametrize(
    ("query", "request_", "content_type", "filename"),
    [
        ("csv", ExportRequest(ExportFormat.CSV), "text/csv; charset=utf-8", "letter.csv"),
        ("csv&excel=true", EXCEL, "text/csv; charset=utf-8", "letter.csv"),
        ("pdf&pdfa=false&excel=", ExportRequest(ExportFormat.PDF), "application/pdf", "letter.pdf"),
        ("pdf&pdfa=true", ExportRequest(ExportFormat.PDF, pdfa=True), "application/pdf", "letter.pdf"),
        ("docx", ExportRequest(ExportFormat.DOCX), WORD, "letter.docx"),
        ("hocr", ExportRequest(ExportFormat.HOCR), "application/xhtml+xml", "letter.hocr"),
        ("alto", ExportRequest(ExportFormat.ALTO), "application/xml", "letter.alto.xml"),
    ],
)
def test_a_built_file_is_sent_with_its_type_name_and_length(
    front: Front, query: str, request_: ExportRequest, content_type: str, filename: str
) -> None:
    answer = front.get(f"{JOB}download/?format={query}")
    assert (answer.status_code, answer.content) == (200, FakeExports.CONTENT)
    assert front.services.exports.requests == [request_]
    assert answer.headers["Content-Type"] == content_type
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{filename}"'
    assert answer.headers["Content-Length"] == str(len(FakeExports.CONTENT))
    head = front.ask("HEAD", f"{JOB}download/?format={query}")
    assert (head.status_code, head.content) == (200, b"")
    for name in ("Content-Type", "Content-Disposition", "Content-Length"):
        assert head.headers[name] == answer.headers[name]
    assert front.services.exports.reads == 1, "the whole file was read for its length"


@pytest.mark.parametrize(
    ("query", "field", "goes_with"),
    [
        ("docx&pdfa=true", "pdfa", "format=pdf"),
        ("txt&pdfa=true", "pdfa", "format=pdf"),
        ("pdf&excel=true", "excel", "format=csv"),
        ("json&excel=true", "excel", "format=csv"),
        ("csv&excel=yes", "excel", "true or false"),
        ("pdf&pdfa=1", "pdfa", "true or false"),
        ("txt&translated=true", "translated", "no translation"),
    ],
)
def test_an_option_that_does_not_go_with_the_format_is_refused(
    front: Front, query: str, field: str, goes_with: str
) -> None:
    answer = front.get(f"{JOB}download/?format={query}")
    assert (answer.status_code, answer.json()["field"]) == (400, field)
    assert goes_with in answer.json()["error"] and front.services.exports.requests == []


def test_a_download_is_held_while_its_file_is_built(front: Front) -> None:
    front.in_loop(front.services.exports.builds.clear)
    with ThreadPoolExecutor(1) as asking:
        answer = asking.submit(front.get, f"{JOB}download/?format=csv")
        front.wait_for(front.services.exports.asked)
        assert not answer.done()
        front.in_loop(front.services.exports.builds.set)
        assert answer.result().content == FakeExports.CONTENT


def test_a_client_that_goes_away_ends_the_wait(front: Front) -> None:
    front.in_loop(front.services.exports.builds.clear)
    with structlog.testing.capture_logs() as lines:
        with front.socket() as client:
            head = (
                f"GET {JOB}download/?format=csv HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {PAID}\r\n\r\n"
            )
            client.sendall(head.encode())
            front.wait_for(front.services.exports.asked)
        front.wait_for(front.services.exports.left)
        assert eventually(lambda: any(line["event"] == "request" for line in lines)), lines
    assert [line["event"] for line in lines] == ["request"], "as if something had been unavailable"


def test_a_server_that_is_stopped_lets_its_downloads_go(front: Front) -> None:
    front.in_loop(front.services.exports.builds.clear)
    with ThreadPoolExecutor(1) as asking:
        answer = asking.submit(front.get, f"{JOB}download/?format=csv")
        front.wait_for(front.services.exports.asked)
        front.in_loop(front.stopping.set)
        assert answer.result().status_code == 503
        assert answer.result().json()["code"] == "export_pending"


@pytest.mark.parametrize(
    ("error", "status", "code", "retry_after"),
    [
        (ExportPending(), 503, "export_pending", "5"),
        (TooManyDownloads(), 429, "too_many_downloads", "5"),
        (BrokerUnavailable(), 503, "broker_unavailable", "5"),
        (SourceMissing("The document is gone."), 404, "source_missing", None),
        (NotFound(), 404, "not_found", None),
        (FormatFailed("No page fits."), 422, "format_failed", None),
        (ExportTimeout(), 422, "export_timeout", None),
        (ExportTooLarge(), 422, "export_too_large", None),
        (ExportDiskFull(), 422, "export_disk_full", "60"),
        (ExportCrashed(), 422, "export_crashed", "60"),
        (FleetError(), 500, "internal_error", None),
    ],
)
def test_a_file_that_cannot_be_built_is_a_problem_with_a_code(
    front: Front, error: FleetError, status: int, code: str, retry_after: str | None
) -> None:
    front.services.exports.error = error
    answer = front.get(f"{JOB}download/?format=docx")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["error"] == error.message
    assert answer.headers.get("Retry-After") == retry_after
    assert "Content-Disposition" not in answer.headers


def test_nothing_can_be_downloaded_before_the_end_or_after_a_failure(front: Front) -> None:
    front.services.jobs.jobs[JOB_ID] = job(2, account_id="paid")
    for name in ("txt", "json", "docx"):
        answer = front.get(f"{JOB}download/?format={name}")
        assert (answer.status_code, answer.json()["code"]) == (409, "job_not_finished")
        assert f"GET {JOB} " in answer.json()["error"] and f"{JOB}events/" in answer.json()["error"]
    front.services.jobs.jobs[JOB_ID] = failed_job()
    answer = front.get(f"{JOB}download/?format=txt")
    assert (answer.status_code, answer.json()["code"]) == (409, "job_has_no_result")
    assert "failed" in answer.json()["error"] and f"GET {JOB}" in answer.json()["error"]


def test_a_store_that_is_away_is_told_as_such(front: Front) -> None:
    front.services.jobs.error = StoreUnavailable()
    for path in (f"{JOB}download/?format=txt", JOB):
        answer = front.get(path)
        assert (answer.status_code, answer.json()["code"]) == (503, "store_unavailable")
        assert answer.headers["Retry-After"]


def test_a_store_that_goes_away_midway_leaves_no_answer_that_looks_whole(front: Front) -> None:
    front.services.jobs.chunks = [b'{"pages":[],"text":"'] + [b"x" * 100_000] * 10
    front.services.jobs.error = StoreUnavailable()
    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.exceptions.ConnectionError)):
        front.get(JOB)


def test_a_large_document_is_passed_on_in_pieces(front: Front) -> None:
    front.services.jobs.chunks = [b'{"pages":[],"text":"'] + [b"x" * 100_000] * 200 + [b'","markdown":""}']
    answer = front.get(JOB)
    assert answer.headers["Transfer-Encoding"] == "chunked"
    assert len(answer.json()["text"]) == 20_000_000


def test_the_presets_are_listed_with_what_they_need(front: Front) -> None:
    tools = {tool["slug"]: tool for tool in front.get("/api/v1/tools/").json()["tools"]}
    assert tools["pdf-to-word"] == {
        "slug": "pdf-to-word",
        "tier": "cpu",
        "available": True,
        "description": "A Word document that can be edited.",
        "download": "docx",
    }
    for tool in tools.values():  # what each leads to is there
        assert front.get(f"{JOB}download/?format={tool['download']}").status_code == 200
    assert not tools["handwriting-to-text"]["available"]


# --- health -------------------------------------------------------------------------------------


def test_ready_names_what_is_missing_and_live_does_not_care(front: Front) -> None:
    assert front.get("/readyz", token=None).status_code == 200
    front.services.health.error = BrokerUnavailable()
    answer = front.get("/readyz", token=None)
    assert (answer.status_code, answer.json()["code"]) == (503, "broker_unavailable")
    assert answer.headers["Retry-After"]
    assert front.get("/livez", token=None).status_code == 200


# --- logs ---------------------------------------------------------------------------------------


def test_an_unforeseen_error_is_logged_and_not_told(front: Front) -> None:
    front.services.jobs.error = ZeroDivisionError("the secret reason")  # type: ignore[assignment]
    with structlog.testing.capture_logs() as lines:
        answer = front.get(JOB, headers={"X-Request-Id": "mine-1"})
        assert eventually(lambda: len(lines) == len(("handler_bug", "request")))
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "secret reason" not in answer.text
    assert any(line["event"] == "handler_bug" and "exc_info" in line for line in lines)


def test_each_request_is_one_line_in_the_log(front: Front) -> None:
    with structlog.testing.capture_logs() as lines:
        front.get(f"{JOB}?detail=words", headers={"X-Request-Id": "mine-1"})
        assert eventually(lambda: bool(lines))
    (line,) = lines
    assert line.pop("duration_s") >= 0
    assert line == {
        "component": "access",
        "event": "request",
        "log_level": "info",
        "method": "GET",
        "path": JOB,
        "status": 200,
        "request_id": "mine-1",
        "account_id": "paid",
        "job_id": JOB_ID,
    }


def test_no_token_is_ever_logged(front: Front, caplog: pytest.LogCaptureFixture) -> None:
    front.services.jobs.error = ZeroDivisionError()  # type: ignore[assignment]
    secret = "very-secret-token"
    with structlog.testing.capture_logs() as lines:
        for path in (JOB, "/nowhere", "/livez", API, f"{JOB}download/?format=txt"):
            for token in (secret, PAID):
                mark = "&" if "?" in path else "?"
                front.get(f"{path}{mark}api_token={token}", token=None)
                front.get(path, token=token)
                front.ask("PATCH", f"{path}{mark}api_token={token}", token=None)
                front.get(f"{path}{mark}api_token={token}&detail=%ff&format=%ff", token=None)
        assert eventually(lambda: sum(line["event"] == "request" for line in lines) == 40)
    logged = json.dumps(lines, default=repr) + caplog.text
    assert lines
    assert secret not in logged
    assert PAID not in logged
