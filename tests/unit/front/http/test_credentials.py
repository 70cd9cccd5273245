"""Where a request may carry its token, and its name."""

import pytest
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine

from front.http.credentials import secret_of
from front.http.request_id import request_id


@pytest.mark.parametrize(
    ("authorization", "query", "secret"),
    [
        (None, "", None),
        ("Bearer abc", "", "abc"),
        ("bearer  abc ", "", "abc"),
        (None, "?api_token=abc", "abc"),
        ("Bearer abc", "?api_token=def", "abc"),
        ("Bearer", "?api_token=def", ""),
        ("Basic dXNlcjpwYXNz", "?api_token=def", "def"),
        ("Basic dXNlcjpwYXNz", "", None),
    ],
)
def test_the_header_wins_over_the_query(authorization: str | None, query: str, secret: str | None) -> None:
    headers = HTTPHeaders({"Authorization": authorization} if authorization else {})
    line = RequestStartLine("GET", f"/api/v1/ocr/x/{query}", "HTTP/1.1")
    headers["Host"] = "x"
    assert secret_of(HTTPServerRequest(start_line=line, headers=headers)) == secret


def test_a_sane_request_id_of_the_caller_is_kept() -> None:
    assert request_id("trace-1.2:3") == "trace-1.2:3"


@pytest.mark.parametrize("sent", [None, "", "a b", "x" * 129, 'a"b', "ä", "a\tb"])
def test_any_other_is_replaced(sent: str | None) -> None:
    assert request_id(sent) not in ("", sent)
