"""The AsyncAPI 3.0 document of what partners send and hear at the broker:
https://www.asyncapi.com/docs/reference/specification/v3.0.0
"""

from typing import Any, Final

from common.contracts import topology
from common.contracts.job_events import JobAnnounced, JobRejected
from common.contracts.partner_topology import EVENTS, USER_PREFIX, own_prefix, partner_user
from common.contracts.submit import FILENAME, JSON, NamedJob
from common.contracts.topology import MAX_MESSAGE_BYTES, RESULTS, SUBMIT, VHOST
from front.http.reference import amqp_examples
from front.http.reference.rejections import rejection_codes
from front.http.reference.schemas import Json, Schemas
from front.http.reference.shapes.job_shapes import JobShape
from front.http.reference.submissions import FIELDS
from front.services.partner_request import NOT_OURS

_ACCOUNT: Final = "{account}"
_BINDING_VERSION: Final = "0.3.0"
_ABOUT: Final = (
    f"A partner's program publishes a file to the exchange `{SUBMIT}`, with its account's name as routing "
    f"key, and reads what becomes of it from a queue of its own that is bound to `{RESULTS}`. Account, user "
    "and password come from `python -m front.admin partner add NAME`."
)
_RULES: Final = (
    f"Declare only what is called `{own_prefix(_ACCOUNT)}…`; bind to `{RESULTS}` with `job.{_ACCOUNT}.#`, or "
    "with one of its keys.",
    "What is not yours closes your channel: 403 for other names and keys, 406 for another's `user_id`, and "
    "for a message that is too large.",
    "Publish with confirms: a request is safe once the broker has confirmed it. Where too many wait it is "
    "refused.",
    "`message_id` is the idempotency key: a request that is sent again gives the same job, paid once.",
    f"A message has at most {MAX_MESSAGE_BYTES // 1024**2} MiB. Send larger files by the REST API, and then "
    "the job's `uuid` as JSON.",
    "Leave `expiration` out: a request that has one is thrown away by the broker once it has waited so long, "
    "and nobody is told.",
    "Plans, credits and limits are the account's. What REST refuses for being too much at once waits here.",
    "Events may come twice, so go by their ids. Queues of yours are bounded by the operator: where one holds "
    "too much, its oldest messages go. The results can be had by REST all the same.",
    "Fields may be added to events: ignore those that you do not know.",
)
_HEARD: Final = {
    "accepted": "There is a job: told of every request, also of one that was sent again.",
    "rejected": "No job came of a request, and nothing is charged. `code` is one of those that "
    f"`POST /api/v1/ocr/` has, too: {', '.join(f'`{code}`' for code in rejection_codes())}.",
    "page": "A page is settled. Several may be told as one: `pages_done` counts.",
    "done": "The job's result is there: in `result` where it fits into a message, else at `result_url`.",
    "failed": "No page could be read, and nothing is charged.",
    "canceled": "Somebody canceled the job, or deleted it before its end.",
}
_OF_AN_END: Final = ("failed_pages", "usage", "result_url")
# Members of JobAnnounced that such an event has not.
_NEVER: Final = {
    "accepted": (*_OF_AN_END, "error", "error_code", "result"),
    "page": (*_OF_AN_END, "error", "error_code", "result"),
    "done": ("error", "error_code"),
    "failed": ("result",),
    "canceled": ("error", "error_code", "result"),
}
_PROPERTIES: Final[Json] = {
    "type": "object",
    "required": ["user_id", "message_id"],
    "properties": {
        "user_id": {
            "type": "string",
            "description": "The user that you are connected as. The broker checks it.",
        },
        "message_id": {
            "type": "string",
            "pattern": "^[!-~]{1,255}$",
            "description": "Another one for each request; the same for one that is sent again.",
        },
        "correlation_id": {
            "type": "string",
            "description": "Yours: it comes back in every event. Else that of events is the job's uuid, and "
            "of a rejection the `message_id`.",
        },
        "reply_to": {
            "type": "string",
            "pattern": r"^partner\..+\..",
            "description": "A queue of your own, where the events are sent, too. Not RabbitMQ's "
            "`amq.rabbitmq.reply-to`, which ends with your channel.",
        },
        "content_type": {
            "type": "string",
            "description": f"`{JSON}` for the name of a job; of a file whatever it is: its bytes tell.",
        },
    },
}
_EVENT_PROPERTIES: Final[Json] = {
    "type": "object",
    "required": ["type", "message_id", "timestamp"],
    "properties": {
        "type": {"type": "string", "description": "What the body is, with its version."},
        "message_id": {"type": "string", "description": "Another one for each event."},
        "correlation_id": {
            "type": "string",
            "description": "That of the request; else the job's uuid, or the `message_id` that is rejected. "
            "Of a message that nobody has signed none is told.",
        },
        "timestamp": {"type": "integer", "description": "When it was sent, in seconds since 1970."},
        "app_id": {"type": "string"},
        "content_type": {"const": JSON},
    },
}


def document() -> Json:
    schemas = Schemas(sent=(NamedJob,), answered=(JobAnnounced, JobRejected, JobShape))
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "OCR Fleet: partners at the queue",
            "version": "1",
            "description": "\n- ".join((f"{_ABOUT}\n", *_RULES)),
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": JSON,
        "servers": {"broker": _server("amqp", "5672"), "brokerTls": _server("amqps", "5671")},
        "channels": {"requests": _requests(), "events": _events(), "answers": _answers()},
        "operations": {"takeRequest": _take_request(), "tellEvent": _tell_event()},
        "components": {
            "messages": {
                "sentFile": _sent_file(),
                "namedJob": _named_job(schemas),
                **{what: _event(what, schemas) for what in EVENTS},
            },
            "schemas": schemas.components,
            "securitySchemes": {
                "login": {
                    "type": "userPassword",
                    "description": f"`{partner_user(_ACCOUNT)}`, and its password.",
                }
            },
        },
    }


def _server(protocol: str, port: str) -> Json:
    return {
        "host": "{host}:{port}",
        "protocol": protocol,
        "protocolVersion": "0.9.1",
        "pathname": f"/{VHOST}",
        "variables": {
            "host": {"default": "localhost", "description": "As `partner add` has printed it."},
            "port": {"default": port},
        },
        "security": [_ref("securitySchemes", "login")],
    }


def _requests() -> Json:
    return {
        "address": _ACCOUNT,
        "title": "Requests",
        "description": f"The routing key on the exchange `{SUBMIT}` is the account's name, and no other.",
        "parameters": {"account": _account()},
        "messages": {name: _ref("messages", name) for name in ("sentFile", "namedJob")},
        "bindings": _on_exchange(SUBMIT),
    }


def _events() -> Json:
    return {
        "address": f"job.{_ACCOUNT}.{{what}}",
        "title": "Events",
        "description": f"Bind a queue of your own to `{RESULTS}` with `job.{_ACCOUNT}.#`.",
        "parameters": {
            "account": _account(),
            "what": {"enum": list(EVENTS), "description": "What happened."},
        },
        "messages": {what: _ref("messages", what) for what in EVENTS},
        "bindings": _on_exchange(RESULTS),
    }


def _answers() -> Json:
    return {
        "address": None,
        "title": "Answers",
        "description": "The queue that a request names as `reply_to` is sent its events, too.",
        "messages": {what: _ref("messages", what) for what in EVENTS},
        "bindings": {
            "amqp": {
                "is": "queue",
                "queue": {"name": own_prefix(_ACCOUNT) + "answers", "vhost": VHOST},
                "bindingVersion": _BINDING_VERSION,
            }
        },
    }


def _account() -> Json:
    return {"description": f"The account's name. Its user is `{USER_PREFIX}` and that.", "examples": ["acme"]}


def _on_exchange(name: str) -> Json:
    kind = next(exchange.kind for exchange in topology.EXCHANGES if exchange.name == name)
    return {
        "amqp": {
            "is": "routingKey",
            "exchange": {"name": name, "type": kind, "durable": True, "autoDelete": False, "vhost": VHOST},
            "bindingVersion": _BINDING_VERSION,
        }
    }


def _take_request() -> Json:
    return {
        "action": "receive",
        "title": "Take a request",
        "summary": "The fleet takes it from your intake queue, in the order of sending.",
        "channel": {"$ref": "#/channels/requests"},
        "bindings": {
            "amqp": {
                "userId": partner_user(_ACCOUNT),
                "deliveryMode": 2,
                "mandatory": True,
                "ack": True,
                "bindingVersion": _BINDING_VERSION,
            }
        },
        "reply": {"channel": {"$ref": "#/channels/answers"}},
    }


def _tell_event() -> Json:
    return {
        "action": "send",
        "title": "Tell an event",
        "summary": "The fleet tells what becomes of your jobs, those that were sent over REST included.",
        "channel": {"$ref": "#/channels/events"},
    }


def _sent_file() -> Json:
    return {
        "title": "A file",
        "summary": "The bytes of a file. Its headers are the fields of the REST API's form.",
        "contentType": "application/octet-stream",
        "headers": {
            "type": "object",
            "additionalProperties": False,
            "patternProperties": {f"^({NOT_OURS})$": {"description": "Yours: nobody looks at it."}},
            "properties": {
                FILENAME: {"type": "string", "examples": ["scan.pdf"]},
                **FIELDS,
            },
        },
        "payload": {
            "type": "string",
            "format": "binary",
            "description": "PNG, JPG, WEBP, GIF, BMP, TIFF, PNM or PDF, told by its bytes.",
        },
        "x-amqp-properties": {**_PROPERTIES, "examples": [amqp_examples.FILE_PROPERTIES]},
        "examples": [amqp_examples.SENT_FILE],
    }


def _named_job(schemas: Schemas) -> Json:
    return {
        "title": "A job by its uuid",
        "summary": "From now on the job's events answer this request. It has no headers.",
        "contentType": JSON,
        "payload": schemas.of(NamedJob),
        "x-amqp-properties": {**_PROPERTIES, "examples": [amqp_examples.JOB_PROPERTIES]},
        "examples": [amqp_examples.NAMED_JOB],
    }


def _event(what: str, schemas: Schemas) -> Json:
    is_rejection = what == "rejected"
    model = JobRejected if is_rejection else JobAnnounced
    return {
        "name": what,
        "title": what.capitalize(),
        "summary": _HEARD[what],
        "contentType": JSON,
        "payload": schemas.of(model) if is_rejection else _announcement(what, schemas),
        "bindings": {"amqp": {"messageType": model.type, "bindingVersion": _BINDING_VERSION}},
        "x-amqp-properties": _EVENT_PROPERTIES,
        "examples": [amqp_examples.REJECTED if is_rejection else amqp_examples.announced(what)],
    }


def _announcement(what: str, schemas: Schemas) -> Json:
    told: dict[str, Any] = {"what": {"const": what}, **dict.fromkeys(_NEVER[what], False)}
    if what == "done":
        told["result"] = schemas.of(JobShape)
    return {"allOf": [schemas.of(JobAnnounced), {"type": "object", "properties": told}]}


def _ref(kind: str, name: str) -> Json:
    return {"$ref": f"#/components/{kind}/{name}"}
