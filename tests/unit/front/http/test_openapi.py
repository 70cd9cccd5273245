"""The OpenAPI document says of every address and method what the handlers do there."""

import re
from dataclasses import fields
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from tornado.routing import PathMatches

from common.document.json_view import failed_page_view, page_view, with_lines
from common.domain.account import IssuedToken, Token, digest
from front.http.account_view import issued_view, limits_view, plan_view, token_view
from front.http.api_handler import ApiHandler
from front.http.application import URLS
from front.http.chat_view import history_view
from front.http.reference.openapi import OPERATIONS, document
from front.services.forms import FILE_FIELD, SubmitForm
from front.services.job_view import job_summary
from tests.fakes import plans
from tests.fakes.samples import NOW, job, page
from tests.strict_schemas import told_exactly

# For browsers, and for those who follow the pages from one another.
_PAGES = "/docs"
_UNTOLD = ("HEAD", "OPTIONS")


def pattern_of(url: Any) -> str:
    return url.regex.pattern.rstrip("$") if isinstance(url, PathMatches) else url


def methods_of(handler: type[ApiHandler]) -> set[str]:
    return set(ApiHandler.allowed_methods(handler.__new__(handler))) - set(_UNTOLD)


SERVED = [
    (pattern_of(url), handler, method)
    for url, handler in URLS
    for method in sorted(methods_of(handler))
    if not pattern_of(url).startswith(_PAGES)
]


@pytest.mark.parametrize(("pattern", "handler", "method"), SERVED)
def test_every_method_of_every_address_is_described(
    pattern: str, handler: type[ApiHandler], method: str
) -> None:
    described = [
        operation
        for operation in OPERATIONS
        if operation.handler is handler
        and operation.method == method.lower()
        and re.fullmatch(pattern, re.sub(r"{\w+}", "x" * 10, operation.path))
    ]
    assert len(described) == 1, "see front/http/reference"


def test_nothing_is_described_that_is_not_served() -> None:
    assert len(OPERATIONS) == len(SERVED)


def test_the_document_is_valid() -> None:
    validate(document())


def test_operations_are_called_differently() -> None:
    names = [operation.name for operation in OPERATIONS]
    assert len(set(names)) == len(names)


def test_the_form_has_the_fields_that_are_read() -> None:
    body = document()["paths"]["/api/v1/ocr/"]["post"]["requestBody"]["content"]["multipart/form-data"]
    assert set(body["schema"]["properties"]) == {FILE_FIELD, *(field.name for field in fields(SubmitForm))}


_TOKEN = Token(digest("secret"), "ocr_secret", "free", NOW)
_VIEWS: dict[str, list[Any]] = {
    "Job": [job_summary(job())],
    "Page": [
        page_view(page("Hello"), index=0, source_page=1),
        with_lines(page_view(page("Hello"), index=0, source_page=1), page("Hello")),
        failed_page_view(index=0, source_page=1, code="engine_timeout", message="It took too long."),
    ],
    "IssuedToken": [issued_view(IssuedToken("ocr_secret", _TOKEN))],
    "ListedToken": [{**token_view(_TOKEN), "is_this_one": True}],
    "Limits": [limits_view(plans.FREE)],
    "Plan": [plan_view(plans.FREE), plan_view(plans.PAID)],
    "History": [history_view(None)],
}


@pytest.mark.parametrize(("name", "view"), [(name, view) for name, views in _VIEWS.items() for view in views])
def test_what_is_answered_has_the_members_that_are_told_and_no_others(name: str, view: Any) -> None:
    validator = Draft202012Validator({"$ref": f"#/components/schemas/{name}", **told_exactly(document())})
    assert [error.message for error in validator.iter_errors(view)] == []
