"""What is counted and timed, by noun, for Prometheus. Each process tells its own; scrapers add which.

Labels have few values, all of them ours: no account, job, file name or text is ever one. What may be
repeated after a crash is counted again then: these are for watching, not for the books.
"""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

_SECONDS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 60, 120)
_WAIT_SECONDS: Final = (0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 1800, 7200)

# --- jobs -----------------------------------------------------------------------------------------

JOBS_ACCEPTED: Final = Counter("ocr_jobs_accepted", "Jobs that were promised.", ["tier", "lane"])
JOBS_ENDED: Final = Counter("ocr_jobs_ended", "Jobs by how they ended.", ["status"])
JOBS_OPEN: Final = Gauge(
    "ocr_jobs_open", "Jobs that have not ended, by state; every front tells the same.", ["status"]
)
OLDEST_JOB_AGE: Final = Gauge(
    "ocr_oldest_job_age_seconds",
    "Since the oldest job in that state was made; 0 where there is none. Every front tells the same.",
    ["status"],
)
JOBS_RECOVERED: Final = Counter("ocr_jobs_recovered", "Jobs that stood still and were moved on.")
REFUSALS: Final = Counter("ocr_refusals", "Requests that were refused because there was too much.", ["code"])
PARTNER_REQUESTS: Final = Counter(
    "ocr_partner_requests",
    "Messages of partners: accepted, repeated, rejected, or foreign, which was not its sender's to send.",
    ["outcome"],
)
UPLOADED_BYTES: Final = Counter("ocr_uploaded_bytes", "Bytes of the files of jobs.")
CREDITS_CHARGED: Final = Counter(
    "ocr_credits_charged",
    "Credits that were charged, by kind: pages, translation, chat; a chat has no tier.",
    ["tier", "kind"],
)
CREDITS_REFUNDED: Final = Counter(
    "ocr_credits_refunded", "Credits that were set aside and given back; a chat has no tier.", ["tier"]
)

# --- pages and tasks ------------------------------------------------------------------------------

PAGES: Final = Counter(
    "ocr_pages",
    "Pages by who read them and what came of it: 'read', or an error's code.",
    ["tier", "engine", "outcome"],
)
PAGE_DURATION: Final = Histogram(
    "ocr_page_duration_seconds",
    "From taking a page to having read it; the language is the page's first one, 'other' where unknown.",
    ["tier", "engine", "language"],
    buckets=_SECONDS,
)
QUEUE_WAIT: Final = Histogram(
    "ocr_queue_wait_seconds",
    "From publishing a task to a worker taking it; pauses before a retry count too.",
    ["queue"],
    buckets=_WAIT_SECONDS,
)
SLOTS: Final = Gauge("ocr_worker_slots", "Tasks that this worker can do at once.")
SLOTS_BUSY: Final = Gauge("ocr_worker_slots_busy", "Tasks that this worker is doing.")
TASKS_RETRIED: Final = Counter("ocr_tasks_retried", "Tasks that failed and are tried again.", ["queue"])
TASKS_DEAD: Final = Counter("ocr_tasks_dead", "Tasks that went unread to the dead letters.", ["queue"])
PAGES_POISONED: Final = Counter("ocr_pages_poisoned", "Pages that no worker survived, from the dead letters.")
EXPORTS: Final = Counter(
    "ocr_exports",
    "Files by what came of building them: 'built', or an error's code.",
    ["format", "outcome"],
)
EXPORT_DURATION: Final = Histogram(
    "ocr_export_duration_seconds",
    "From taking an export to having stored its file.",
    ["format"],
    buckets=(*_SECONDS, 300),
)
TRANSLATIONS: Final = Counter(
    "ocr_translations",
    "Pages by what came of translating them: 'translated', or an error's code.",
    ["outcome"],
)
TRANSLATION_DURATION: Final = Histogram(
    "ocr_translation_duration_seconds",
    "From taking a page's texts to having their translation.",
    buckets=(*_SECONDS, 300),
)
QUESTIONS: Final = Counter(
    "ocr_questions",
    "Questions about documents by who answered and what came of it: 'answered', or an error's code.",
    ["engine", "outcome"],
)
QUESTION_DURATION: Final = Histogram(
    "ocr_question_duration_seconds",
    "From taking a question to having its answer.",
    ["engine"],
    buckets=(*_SECONDS, 300),
)
TRACKING_BATCH: Final = Histogram(
    "ocr_tracking_batch_events",
    "Results that were recorded together.",
    buckets=(1, 2, 4, 8, 16, 32, 64),
)

# --- what is leaned on ----------------------------------------------------------------------------

AVAILABLE: Final = Gauge(
    "ocr_available",
    "1 while a part of the service answers this front: the store, or the broker; a broker in an alarm takes "
    "no messages, which is 0.",
    ["part"],
)
QUEUE_MESSAGES: Final = Gauge(
    "ocr_queue_messages", "Messages that wait in a queue for somebody to take them.", ["queue"]
)
QUEUE_CONSUMERS: Final = Gauge("ocr_queue_consumers", "Who takes messages from a queue.", ["queue"])
DEAD_LETTERS: Final = Gauge("ocr_dead_letters", "Dead letters that wait for the operator.", ["queue"])
DISK_FREE: Final = Gauge("ocr_disk_free_ratio", "Free share of the disk that a folder is on.", ["folder"])
PUBLISHES_FAILED: Final = Counter(
    "ocr_publishes_failed", "Messages that the broker did not confirm.", ["exchange"]
)
HOLDS: Final = Counter("ocr_holds", "Pauses because a part of the service was away.", ["code"])

# --- models ---------------------------------------------------------------------------------------

MODEL_CALLS: Final = Counter(
    "ocr_model_calls",
    "Calls to the model, retries included: 'answered', 'cut_short', 'refused', or how they failed.",
    ["outcome"],
)
MODEL_CALL_DURATION: Final = Histogram(
    "ocr_model_call_duration_seconds",
    "From sending a question to the end of its answer.",
    buckets=(*_SECONDS, 300, 600),
)
MODEL_TOKENS: Final = Counter(
    "ocr_model_tokens", "Tokens by kind: input, output, cache_write, cache_read.", ["kind"]
)
MODEL_COST: Final = Counter("ocr_model_cost_usd", "What the tokens cost, where the model has a price.")
MODEL_CALLS_ACTIVE: Final = Gauge("ocr_model_calls_active", "Calls to the model that are under way.")
MODEL_CONCURRENCY: Final = Gauge(
    "ocr_model_concurrency", "How many calls may be under way; less than the slots after a 429."
)
MODEL_BREAKER_OPEN: Final = Gauge(
    "ocr_model_breaker_open", "1 while the model's provider fails and is only probed."
)

# --- HTTP -----------------------------------------------------------------------------------------

REQUESTS: Final = Counter("ocr_http_requests", "Requests that were answered.", ["route", "method", "status"])
REQUEST_DURATION: Final = Histogram(
    "ocr_http_request_duration_seconds",
    "From a request's headers to the end of its answer.",
    ["route", "method"],
    buckets=_SECONDS,
)
REQUESTS_ACTIVE: Final = Gauge("ocr_http_requests_active", "Requests that are being received or answered.")
LIVE_STREAMS: Final = Gauge("ocr_http_live_streams", "Event streams that are open.")
