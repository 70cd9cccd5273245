"""What the front joins together that nothing else would miss."""

from common.adapters.rabbit import RabbitAnnouncements
from common.contracts.job_events import JobHint
from front.__main__ import _noticed_by
from front.services.answer_feed import AnswerFeed
from front.services.live_feed import LiveFeed
from tests.unit.front.services.fleet import Replica


def test_what_is_heard_of_a_job_wakes_who_watches_it_and_who_waits_for_a_place() -> None:
    feed, pace = LiveFeed(), Replica().pace
    notice = _noticed_by(feed, pace, AnswerFeed(RabbitAnnouncements("amqp://nowhere", "front")))
    with feed.watch("a" * 32) as changed, pace._watchers.watch("demo") as ended:
        notice(JobHint(job_id="a" * 32, account="demo"))
        assert changed.is_set() and ended.is_set()
