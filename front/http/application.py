"""All URLs of the API in one Tornado application."""

import asyncio

from tornado.web import Application

from front.http.access_log import log_request
from front.http.handlers import account, downloads, health, jobs, submissions, tools
from front.http.handlers.missing import MissingHandler
from front.http.services import Services, Surroundings
from front.http.spool import Spool
from front.settings import FrontSettings

_URLS = (
    *submissions.URLS,
    *jobs.URLS,
    *downloads.URLS,
    *tools.URLS,
    *account.URLS,
    *health.URLS,
)


def make_application(services: Services, settings: FrontSettings, stopping: asyncio.Event) -> Application:
    """``stopping`` makes ``/readyz`` fail and ends waits early, once it is set."""
    spool = Spool(settings.spool_dir)
    spool.sweep()
    given = {"surroundings": Surroundings(services, settings, spool, stopping)}
    return Application(
        [(pattern, handler, given) for pattern, handler in _URLS],
        default_handler_class=MissingHandler,
        default_handler_args=given,
        log_function=log_request,
    )
