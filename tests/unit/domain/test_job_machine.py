"""A job between a store that compares and sets and a broker that loses, repeats and reorders."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    precondition,
    rule,
)

from common.domain.job import Job
from common.domain.job_changes import (
    CancelRequested,
    DeleteRequested,
    DocumentAssembled,
    Effect,
    EffectDone,
    Event,
    PagesSent,
    PayOwed,
    SendPages,
    WindowOpened,
)
from common.domain.job_parts import JobStatus, Owed, PageStatus
from tests.fakes.samples import NOW, document, failed, job, recognized

IN_FLIGHT = (PageStatus.DUE, PageStatus.SENT)


class JobMachine(RuleBasedStateMachine):
    """``effects`` may be performed late, twice or never; ``tasks`` may bring any number of results."""

    effects = Bundle("effects")
    tasks = Bundle("tasks")

    @initialize(page_count=st.integers(1, 12), window=st.integers(1, 6), target=effects)
    def submit(self, page_count: int, window: int) -> Effect:
        self.window = window
        self.widest = window
        self.sent: set[int] = set()
        self.first_outcome: dict[int, PageStatus] = {}
        self.documents = 0
        self.ended: Job | None = None
        step = job(page_count).apply(WindowOpened(window), NOW)
        self.job = step.job
        (send,) = step.effects
        return send

    def see(self, *events: Event) -> tuple[Effect, ...]:
        before, step = self.job, self.job.apply_all(events, NOW)
        again = step.job.apply_all(events[:1] if not isinstance(events[0], WindowOpened) else (), NOW)
        assert again.job is step.job, "the same event a second time changes nothing"
        assert set(before.settled) <= set(step.job.settled)
        if before.status.is_terminal and step.job.status is not JobStatus.DELETED:
            assert step.job.status is before.status and step.job.document == before.document
        self.job = step.job
        return step.effects

    @rule(size=st.integers(1, 6))
    def the_window_changes(self, size: int) -> None:
        self.window = size
        self.widest = max(self.widest, size)

    @rule(effect=effects, target=tasks)
    def publish(self, effect: Effect) -> tuple[int, ...]:
        """Publishing is confirmed, but whether the mark is saved is left to another rule."""
        pages = effect.indexes if isinstance(effect, SendPages) else ()
        self.sent.update(pages)
        return pages

    @rule(pages=tasks)
    def mark_as_sent(self, pages: tuple[int, ...]) -> None:
        self.see(PagesSent(pages))

    @rule(pages=tasks, which=st.integers(0, 11), reads=st.booleans(), target=effects)
    def result(self, pages: tuple[int, ...], which: int, reads: bool) -> Effect:
        """A result for some page that was sent; again and again, if so drawn."""
        if not pages:
            return SendPages(())
        index = pages[which % len(pages)]
        if not self.job.status.is_terminal:
            self.first_outcome.setdefault(index, PageStatus.READ if reads else PageStatus.FAILED)
        event = recognized(index) if reads else failed(index)
        return self.last_useful(self.see(event, WindowOpened(self.window)))

    @precondition(lambda self: self.job.pages_done > 2)
    @rule(event=st.sampled_from([CancelRequested(), DeleteRequested()]), target=effects)
    def withdraw(self, event: Event) -> Effect:
        """The owner loses interest, at any moment."""
        return self.last_useful(self.see(event))

    @rule(effect=consumes(effects), target=effects)
    def redeliver_after_a_crash(self, effect: Effect) -> Effect:
        """The effect was lost with its process: what is outstanding is found from the job alone."""
        return self.last_useful(self.job.outstanding())

    @rule(effect=effects)
    def perform_owed(self, effect: Effect) -> None:
        if effect == PayOwed(Owed.ASSEMBLE):
            self.documents += 1
            self.see(DocumentAssembled(document(str(self.documents))))
        elif isinstance(effect, PayOwed) and self.job.status.is_terminal:
            self.see(EffectDone(effect.effect))

    def last_useful(self, effects: tuple[Effect, ...]) -> Effect:
        useful = [effect for effect in effects if isinstance(effect, SendPages | PayOwed)]
        return useful[-1] if useful else SendPages(())

    @invariant()
    def never_more_in_flight_than_the_widest_window(self) -> None:
        in_flight = sum(byte in IN_FLIGHT for byte in self.job.pages)
        assert in_flight <= self.widest

    @invariant()
    def every_settled_page_was_sent_and_kept_its_first_outcome(self) -> None:
        assert set(self.job.settled) <= self.sent
        assert len(set(self.job.settled)) == len(self.job.settled)
        assert {i: PageStatus(self.job.pages[i]) for i in self.job.settled} == self.first_outcome
        assert set(self.job.failures) == {
            i for i, outcome in self.first_outcome.items() if outcome is PageStatus.FAILED
        }

    @invariant()
    def the_status_says_what_the_pages_say(self) -> None:
        if self.job.status in (JobStatus.CANCELED, JobStatus.DELETED):
            assert self.job.document is None and self.job.finished_at is not None
        elif self.job.status is JobStatus.DONE:
            assert self.job.is_settled and self.job.document is not None
            assert len(self.job.failures) < self.job.page_count
        elif self.job.status is JobStatus.FAILED:
            assert len(self.job.failures) == self.job.page_count
        else:
            assert self.job.document is None and self.job.finished_at is None

    @invariant()
    def nothing_stands_still(self) -> None:
        """Whatever was lost, the job itself still knows what has to happen next."""
        if not self.job.status.is_terminal:
            in_flight = any(byte in IN_FLIGHT for byte in self.job.pages)
            assert in_flight or Owed.ASSEMBLE in self.job.owed

    def teardown(self) -> None:
        """From wherever it is, repeating what is outstanding brings the job to its end."""
        if not hasattr(self, "job"):
            return
        for _ in range(3 * self.job.page_count + 5):
            if self.job.status.is_terminal and not self.job.owed:
                return
            for index, byte in enumerate(self.job.pages):
                if byte in IN_FLIGHT:
                    self.see(recognized(index), WindowOpened(self.window))
            for effect in self.job.outstanding():
                self.perform_owed_again(effect)
        raise AssertionError(f"stuck: {self.job}")

    def perform_owed_again(self, effect: Effect) -> None:
        if isinstance(effect, SendPages):
            self.see(PagesSent(effect.indexes))
        elif effect == PayOwed(Owed.ASSEMBLE):
            self.see(DocumentAssembled(document("last")))
        elif isinstance(effect, PayOwed):
            self.see(EffectDone(effect.effect))


JobMachine.TestCase.settings = settings(max_examples=300, stateful_step_count=40, deadline=None)
TestJobMachine = JobMachine.TestCase
