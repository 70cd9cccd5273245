"""What there is to choose from, how the server is, and these documents."""

from http import HTTPStatus

from common import errors
from front.http.handlers.health import LiveHandler, ReadyHandler
from front.http.handlers.languages import LanguagesHandler
from front.http.handlers.plans import PlansHandler
from front.http.handlers.reference import AsyncApiHandler, OpenApiHandler
from front.http.handlers.tools import ToolsHandler
from front.http.reference.operation import Answer, Operation
from front.http.reference.shapes.account_shapes import PlansShape
from front.http.reference.shapes.catalogue_shapes import (
    LanguageListShape,
    LiveShape,
    ReadyShape,
    ToolListShape,
)

_DOCUMENT = {"type": "object"}

OPERATIONS = (
    Operation(
        LanguagesHandler,
        "get",
        "/api/v1/languages/",
        name="listLanguages",
        summary="What the field language can name",
        answers=(Answer(HTTPStatus.OK, "The languages.", {"application/json": LanguageListShape}),),
    ),
    Operation(
        ToolsHandler,
        "get",
        "/api/v1/tools/",
        name="listTools",
        summary="The presets that the field tool can name",
        answers=(Answer(HTTPStatus.OK, "The tools.", {"application/json": ToolListShape}),),
    ),
    Operation(
        PlansHandler,
        "get",
        "/api/v1/plans/",
        name="listPlans",
        summary="Plans, their limits, and what things cost",
        answers=(Answer(HTTPStatus.OK, "The plans.", {"application/json": PlansShape}),),
    ),
    Operation(
        LiveHandler,
        "get",
        "/livez",
        name="isLive",
        summary="Whether the process lives",
        answers=(Answer(HTTPStatus.OK, "It does.", {"application/json": LiveShape}),),
    ),
    Operation(
        ReadyHandler,
        "get",
        "/readyz",
        name="isReady",
        summary="Whether the service can work",
        answers=(Answer(HTTPStatus.OK, "It can.", {"application/json": ReadyShape}),),
        raises=(errors.Unavailable, errors.StoreUnavailable, errors.BrokerUnavailable),
    ),
    Operation(
        OpenApiHandler,
        "get",
        "/api/v1/openapi.json",
        name="getOpenApi",
        summary="This document",
        description="To read: `/docs/`.",
        answers=(Answer(HTTPStatus.OK, "OpenAPI 3.1.", {"application/json": _DOCUMENT}),),
    ),
    Operation(
        AsyncApiHandler,
        "get",
        "/api/v1/asyncapi.json",
        name="getAsyncApi",
        summary="The same for partners at the message queue",
        description="To read: `/docs/amqp/`.",
        answers=(Answer(HTTPStatus.OK, "AsyncAPI 3.0.", {"application/json": _DOCUMENT}),),
    ),
)
