"""What an operator looks at: rows of panels, each a question, and the queries that answer it.

Format: https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

# As deploy/grafana/provisioning names it.
DATASOURCE: Final = {"type": "prometheus", "uid": "prometheus"}
_WIDTH: Final = 24
_HEIGHT: Final = 8
_RATE: Final = "[$__rate_interval]"
_GIVEN_BACK: Final = "sum(rate(ocr_credits_refunded_total[1h]))"


@dataclass(frozen=True, slots=True)
class Query:
    expr: str
    legend: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """``unit`` is Grafana's name of it; ``kind`` one of its panels. ``alarm``: red from this value on."""

    title: str
    queries: tuple[Query, ...]
    unit: str = "short"
    says: str = ""
    kind: str = "timeseries"
    stacked: bool = False
    alarm: float | None = None
    width: int = 8


@dataclass(frozen=True, slots=True)
class Row:
    title: str
    panels: tuple[Panel, ...]


def _quantiles(metric: str, by: str, legend: str) -> tuple[Query, ...]:
    return tuple(
        Query(
            f"histogram_quantile({share}, sum by (le, {by}) (rate({metric}_bucket{_RATE})))",
            f"{legend} p{round(share * 100)}",
        )
        for share in (0.5, 0.95)
    )


def _rate(metric: str, by: str) -> Query:
    legend = " ".join(f"{{{{{name}}}}}" for name in by.split(", "))
    return Query(f"sum by ({by}) (rate({metric}{_RATE}))", legend)


ROWS: Final = (
    Row(
        "Now",
        (
            Panel(
                "Open jobs",
                (Query("max by (status) (ocr_jobs_open)", "{{status}}"),),
                kind="stat",
                width=5,
            ),
            Panel(
                "Oldest pending job",
                (Query('max(ocr_oldest_job_age_seconds{status="pending"})'),),
                unit="s",
                kind="stat",
                alarm=3600,
                width=4,
            ),
            Panel(
                "Dead letters",
                (Query("sum(max by (queue) (ocr_dead_letters))"),),
                says="python -m front.admin dead list",
                kind="stat",
                alarm=1,
                width=4,
            ),
            Panel(
                "Slots busy",
                (Query("sum(ocr_worker_slots_busy) / sum(ocr_worker_slots)"),),
                unit="percentunit",
                kind="stat",
                width=4,
            ),
            Panel(
                "Broker and database answer",
                (Query("min by (part) (ocr_available)", "{{part}}"),),
                says="1: of every front; 0: one at least is not answered.",
                kind="stat",
                width=4,
            ),
            Panel(
                "Processes that are down",
                (Query("count(up == 0) or vector(0)"),),
                kind="stat",
                alarm=1,
                width=3,
            ),
        ),
    ),
    Row(
        "Throughput",
        (
            Panel(
                "Pages read", (_rate('ocr_pages_total{outcome="read"}', "tier, engine"),), "ops", stacked=True
            ),
            Panel(
                "Jobs",
                (
                    Query(f"sum by (lane) (rate(ocr_jobs_accepted_total{_RATE}))", "accepted, {{lane}}"),
                    Query(f"sum by (status) (rate(ocr_jobs_ended_total{_RATE}))", "ended, {{status}}"),
                ),
                "ops",
            ),
            Panel("Bytes received", (Query(f"sum(rate(ocr_uploaded_bytes_total{_RATE}))", "files"),), "Bps"),
            Panel(
                "Files built and questions answered",
                (
                    Query(
                        f'sum by (format) (rate(ocr_exports_total{{outcome="built"}}{_RATE}))', "{{format}}"
                    ),
                    Query(f'sum(rate(ocr_questions_total{{outcome="answered"}}{_RATE}))', "answers"),
                    Query(
                        f'sum(rate(ocr_translations_total{{outcome="translated"}}{_RATE}))',
                        "translated pages",
                    ),
                ),
                "ops",
            ),
            Panel("Requests", (_rate("ocr_http_requests_total", "route, status"),), "reqps", stacked=True),
            Panel(
                "Under way",
                (
                    Query("sum(ocr_http_requests_active)", "requests"),
                    Query("sum(ocr_http_live_streams)", "streams"),
                    Query("sum(ocr_worker_slots_busy)", "tasks"),
                ),
            ),
        ),
    ),
    Row(
        "Waits",
        (
            Panel("Messages that wait", (Query("max by (queue) (ocr_queue_messages) > 0", "{{queue}}"),)),
            Panel(
                "Partners' requests that wait",
                (
                    Query(
                        'sum by (queue) (rabbitmq_queue_messages_ready{queue=~"ocr\\\\.intake\\\\..+"})',
                        "{{queue}}",
                    ),
                ),
            ),
            Panel(
                "Partners' requests",
                (_rate("ocr_partner_requests_total", "outcome"),),
                "ops",
                says="Foreign: not its sender's to send. Held ones are under Failures.",
                stacked=True,
            ),
            Panel(
                "From published to taken",
                _quantiles("ocr_queue_wait_seconds", "queue", "{{queue}}"),
                "s",
                says="Pauses before a retry count too.",
            ),
            Panel(
                "Oldest open job", (Query("max by (status) (ocr_oldest_job_age_seconds)", "{{status}}"),), "s"
            ),
            Panel(
                "A page takes",
                _quantiles("ocr_page_duration_seconds", "tier, engine", "{{tier}} {{engine}}"),
                "s",
            ),
            Panel(
                "A page takes, by language",
                (
                    Query(
                        f"sum by (language) (rate(ocr_page_duration_seconds_sum{_RATE})) "
                        f"/ sum by (language) (rate(ocr_page_duration_seconds_count{_RATE}))",
                        "{{language}}",
                    ),
                ),
                "s",
            ),
            Panel(
                "A request takes",
                _quantiles("ocr_http_request_duration_seconds", "route", "{{route}}"),
                "s",
                says="Submissions wait for the end of short jobs.",
            ),
            Panel(
                "A file, an answer, a translation takes",
                (
                    *_quantiles("ocr_export_duration_seconds", "format", "{{format}}"),
                    *_quantiles("ocr_question_duration_seconds", "engine", "answer, {{engine}}"),
                    *_quantiles("ocr_translation_duration_seconds", "job", "translation"),
                ),
                "s",
            ),
            Panel(
                "Workers connected",
                (Query("max by (queue) (ocr_queue_consumers)", "{{queue}}"),),
                says="Consumers: one for each slot and lane.",
            ),
            Panel(
                "Results recorded together",
                _quantiles("ocr_tracking_batch_events", "job", "a batch"),
            ),
        ),
    ),
    Row(
        "Failures",
        (
            Panel(
                "Pages that were not read",
                (_rate('ocr_pages_total{outcome!="read"}', "tier, outcome"),),
                "ops",
                stacked=True,
            ),
            Panel("Tasks tried again", (_rate("ocr_tasks_retried_total", "queue"),), "ops"),
            Panel(
                "Dead letters that wait", (Query("max by (queue) (ocr_dead_letters)", "{{queue}}"),), alarm=1
            ),
            Panel(
                "Died",
                (
                    Query(
                        "sum(increase(ocr_pages_poisoned_total[1h]))", "pages no worker survived, last hour"
                    ),
                    Query("sum by (queue) (increase(ocr_tasks_dead_total[1h]))", "unreadable, {{queue}}"),
                ),
            ),
            Panel(
                "Files and answers that failed",
                (
                    _rate('ocr_exports_total{outcome!="built"}', "format, outcome"),
                    _rate('ocr_questions_total{outcome!="answered"}', "outcome"),
                    _rate('ocr_translations_total{outcome!="translated"}', "outcome"),
                ),
                "ops",
            ),
            Panel(
                "Answered with 5xx",
                (_rate('ocr_http_requests_total{status=~"5.."}', "route, status"),),
                "reqps",
            ),
            Panel("Refused, since there was too much", (_rate("ocr_refusals_total", "code"),), "reqps"),
            Panel(
                "Holding on",
                (_rate("ocr_holds_total", "process, code"), _rate("ocr_publishes_failed_total", "exchange")),
                "ops",
                says="Pauses because a part of the service was away, and messages that were not confirmed.",
            ),
            Panel(
                "Jobs that stood still and were moved on",
                (Query("sum(increase(ocr_jobs_recovered_total[1h]))", "last hour"),),
            ),
        ),
    ),
    Row(
        "Money",
        (
            Panel("Credits charged", (_rate("ocr_credits_charged_total", "tier, kind"),), stacked=True),
            Panel("Credits given back", (_rate("ocr_credits_refunded_total", "tier"),)),
            Panel(
                "Given back of what was set aside",
                (
                    Query(
                        f"{_GIVEN_BACK} / ({_GIVEN_BACK} + sum(rate(ocr_credits_charged_total[1h])))",
                        "share",
                    ),
                ),
                "percentunit",
                alarm=0.25,
            ),
        ),
    ),
    Row(
        "Model",
        (
            Panel("Calls", (_rate("ocr_model_calls_total", "outcome"),), "ops", stacked=True),
            Panel(
                "A call takes", _quantiles("ocr_model_call_duration_seconds", "process", "{{process}}"), "s"
            ),
            Panel("Tokens", (_rate("ocr_model_tokens_total", "kind"),), stacked=True),
            Panel(
                "It costs",
                (
                    Query(
                        "sum by (process) (increase(ocr_model_cost_usd_total[1h]))", "{{process}}, last hour"
                    ),
                ),
                "currencyUSD",
                stacked=True,
            ),
            Panel(
                "Calls under way, and how many may be",
                (
                    Query("sum by (process) (ocr_model_calls_active)", "{{process}}"),
                    Query("sum by (process) (ocr_model_concurrency)", "{{process}}, may be"),
                ),
                says="Less may be after the provider has said 429.",
            ),
            Panel(
                "Away",
                (Query("max by (process) (ocr_model_breaker_open)", "{{process}}"),),
                says="1 while the provider fails and is only probed.",
                alarm=1,
            ),
        ),
    ),
    Row(
        "Broker and disks",
        (
            Panel(
                "Ready in each queue",
                (Query("sum by (queue) (rabbitmq_queue_messages_ready) > 0", "{{queue}}"),),
                says="Also the partners' queues.",
            ),
            Panel(
                "Held by consumers",
                (Query("sum by (queue) (rabbitmq_queue_messages_unacked) > 0", "{{queue}}"),),
            ),
            Panel(
                "Messages",
                (
                    Query(f"sum(rate(rabbitmq_global_messages_received_total{_RATE}))", "published"),
                    Query(f"sum(rate(rabbitmq_global_messages_delivered_total{_RATE}))", "delivered"),
                    Query(f"sum(rate(rabbitmq_global_messages_redelivered_total{_RATE}))", "delivered again"),
                ),
                "ops",
            ),
            Panel(
                "Memory, of what it may use",
                (
                    Query(
                        "rabbitmq_process_resident_memory_bytes / rabbitmq_resident_memory_limit_bytes",
                        "used",
                    ),
                ),
                "percentunit",
                says="At 1 it takes no more messages.",
                alarm=0.85,
            ),
            Panel(
                "The broker's disk",
                (
                    Query("rabbitmq_disk_space_available_bytes", "free"),
                    Query("rabbitmq_disk_space_available_limit_bytes", "takes nothing below"),
                ),
                "bytes",
            ),
            Panel(
                "Free on our disks",
                (Query("min by (instance, folder) (ocr_disk_free_ratio)", "{{instance}} {{folder}}"),),
                "percentunit",
            ),
        ),
    ),
)


def dashboard() -> dict[str, Any]:
    return {
        "uid": "ocr-fleet",
        "title": "OCR Fleet",
        "tags": ["ocr-fleet"],
        "schemaVersion": 39,
        "version": 1,
        "editable": True,
        "timezone": "browser",
        "refresh": "30s",
        "time": {"from": "now-3h", "to": "now"},
        "templating": {"list": []},
        "annotations": {"list": []},
        "panels": list(_panels()),
    }


def _panels() -> Iterator[dict[str, Any]]:
    number, top = 0, 0
    for row in ROWS:
        number += 1
        yield {
            "id": number,
            "type": "row",
            "title": row.title,
            "collapsed": False,
            "panels": [],
            "gridPos": {"x": 0, "y": top, "w": _WIDTH, "h": 1},
        }
        top, left = top + 1, 0
        for panel in row.panels:
            if left + panel.width > _WIDTH:
                top, left = top + _HEIGHT, 0
            number += 1
            yield _panel(panel, number, {"x": left, "y": top, "w": panel.width, "h": _HEIGHT})
            left += panel.width
        top += _HEIGHT


def _panel(panel: Panel, number: int, place: dict[str, int]) -> dict[str, Any]:
    steps: list[dict[str, Any]] = [{"color": "green", "value": None}]
    if panel.alarm is not None:
        steps.append({"color": "red", "value": panel.alarm})
    defaults: dict[str, Any] = {
        "unit": panel.unit,
        "min": 0,
        "thresholds": {"mode": "absolute", "steps": steps},
    }
    if panel.kind == "timeseries":
        stacking = {"mode": "normal" if panel.stacked else "none", "group": "A"}
        defaults["custom"] = {"fillOpacity": 20 if panel.stacked else 0, "stacking": stacking}
    return {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.says,
        "datasource": DATASOURCE,
        "gridPos": place,
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "options": _OPTIONS[panel.kind],
        "targets": [
            {
                "refId": chr(ord("A") + place),
                "datasource": DATASOURCE,
                "expr": query.expr,
                "legendFormat": query.legend or "__auto",
            }
            for place, query in enumerate(panel.queries)
        ],
    }


_OPTIONS: Final[dict[str, dict[str, Any]]] = {
    "timeseries": {
        "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
        "tooltip": {"mode": "multi", "sort": "desc"},
    },
    "stat": {
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        "colorMode": "value",
        "graphMode": "area",
    },
}
