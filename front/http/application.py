"""All URLs of the API in one Tornado application."""

import asyncio

from tornado.routing import Matcher
from tornado.web import Application

from common.errors import TooManyUploads
from front.http.access_log import log_request
from front.http.api_handler import ApiHandler
from front.http.handlers import (
    account,
    accounts,
    chat,
    downloads,
    events,
    health,
    images,
    jobs,
    languages,
    listing,
    plans,
    reference,
    tokens,
    tools,
)
from front.http.handlers.missing import MissingHandler
from front.http.reference.documents import documents
from front.http.services import Services, Surroundings
from front.services.places import Places
from front.services.spool import Spool
from front.settings import FrontSettings

URLS: tuple[tuple[str | Matcher, type[ApiHandler]], ...] = (
    *listing.URLS,
    *jobs.URLS,
    *events.URLS,
    *images.URLS,
    *downloads.URLS,
    *chat.URLS,
    *tools.URLS,
    *languages.URLS,
    *plans.URLS,
    *account.URLS,
    *tokens.URLS,
    *accounts.URLS,
    *health.URLS,
    *reference.URLS,
)


def make_application(
    services: Services, settings: FrontSettings, stopping: asyncio.Event, spool: Spool
) -> Application:
    """``stopping`` makes ``/readyz`` fail and ends waits early, once it is set."""
    spool.sweep()
    uploads = Places(settings.uploads_per_account, TooManyUploads)
    given = {"surroundings": Surroundings(services, settings, spool, uploads, stopping, documents())}
    return Application(
        [(pattern, handler, given) for pattern, handler in URLS],
        default_handler_class=MissingHandler,
        default_handler_args=given,
        log_function=log_request,
    )
