"""``python -m tests.bench [scan.pdf]``: the fleet, its peers and the floor, turn by turn on one PDF.

With ``--size``: the fleet alone, on a document of very many pages. With ``--fairness``: how long jobs of one
page take beside a job of 2,000 pages that somebody else has sent; with ``--partner-flood``, beside a burst of
1,000 requests of a partner. With ``--born-digital``: the fleet and
bare pdfium on a PDF with a text layer. With ``--vlm``: the fleet on pages for a vision model that takes its
time. With ``--steps``: each step of a page, with ``--export``: what searchable PDFs cost, in this process.
"""

import argparse
import os
import secrets
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.accuracy import Scorer, scorer_for
from tests.bench import born_digital, fairness, fleet, partner_flood, peers, size, vlm
from tests.bench.document import Scan, find_scan
from tests.bench.floor import DPI, Floor, open_floor
from tests.bench.report import Ratio, Series, as_json, ratio, save, table
from tests.client import Client
from tests.messages_server.server import running_messages_server
from tests.stack import CHECKOUT, Stack, running_stack

LANGUAGE = "eng"
FLEET, OCRMYPDF = "fleet, over HTTP", "ocrmypdf -j2"
POPPLER_PNG, POPPLER_PGM = "pdftoppm -png, two tesseract", "pdftoppm (pgm), two tesseract"
FLOOR, RENDERING = "floor: two tesserocr on ready rasters", "rendering by two pdfium"

# One turn of one reader: seconds, and the text where there is one.
Turn = Callable[[int], tuple[float, str | None]]


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    os.environ["OMP_THREAD_LIMIT"] = "1"
    with tempfile.TemporaryDirectory(prefix="ocr-bench-") as folder:
        work = Path(folder)
        if options.size:
            return _measure_size(work, options.json.with_stem(f"{options.json.stem}-size"))
        if options.fairness:
            return _measure_fairness(work, options)
        if options.partner_flood:
            return _measure_partner_flood(work, options)
        if options.steps:
            return _measure_steps(options)
        if options.export:
            return _measure_export(work, options)
        if options.vlm:
            return _measure_vlm(work, options)
        if options.born_digital:
            return _measure_born_digital(work, options)
        scan = find_scan(options.pdf, work)
        print(
            f"{scan.pdf.name}: {scan.page_count} pages, {DPI} dpi, {LANGUAGE}, {options.turns} turns",
            flush=True,
        )
        if options.without_fleet:
            series = _measure(scan, work, options, None)
        else:
            with _stack(work) as (_, client):
                series = _measure(scan, work, options, client)
    _report(series, scan, options.json)
    return 0


@contextmanager
def _stack(work: Path, settings: Mapping[str, str] | None = None) -> Iterator[tuple[Stack, Client]]:
    kept = os.environ.get("OCR_TEST_STACK")
    with running_stack(Path(kept or work / "stack"), keep=bool(kept), settings=settings) as stack:
        yield stack, stack.client(_account(stack, "paid"))


def _measure_size(work: Path, path: Path) -> int:
    with _stack(work) as (stack, client):
        ratios = list(size.measure(stack, client))
    print(table([], ratios, size.LONG))
    save(path, as_json([], ratios, size.LONG, {"language": "en"}))
    print(f"Figures: {path}")
    return 0


def _measure_fairness(work: Path, options: argparse.Namespace) -> int:
    with _stack(work) as (stack, client):
        accounts = {plan: stack.client(_account(stack, plan)) for plan in ("paid", "free")}
        series, ratios = fairness.measure(client, accounts)
    print(table(series, ratios, 1))
    path = options.json.with_stem(f"{options.json.stem}-fairness")
    save(path, as_json(series, ratios, 1, {"long job": fairness.PAGES}))
    print(f"Figures: {path}")
    return 0


def _measure_partner_flood(work: Path, options: argparse.Namespace) -> int:
    with _stack(work) as (stack, _):
        series, ratios = partner_flood.measure(stack, _account(stack, "paid"))
    print(table(series, ratios, 1))
    path = options.json.with_stem(f"{options.json.stem}-partner-flood")
    save(path, as_json(series, ratios, 1, {"requests": partner_flood.REQUESTS}))
    print(f"Figures: {path}")
    return 0


def _account(stack: Stack, plan: str) -> str:
    """The token of a new one."""
    return stack.account(f"bench-{secrets.token_hex(4)}", plan)


def _measure_vlm(work: Path, options: argparse.Namespace) -> int:
    with running_messages_server() as model:
        settings = {"ANTHROPIC_BASE_URL": model.url, "OCR_VLM_SLOTS": str(vlm.SLOTS)}
        with _stack(work, settings) as (_, client):
            series, ratios = vlm.measure(client, model, work, options.turns)
    print(table(series, ratios, vlm.PAGES))
    path = options.json.with_stem(f"{options.json.stem}-vlm")
    save(path, as_json(series, ratios, vlm.PAGES, {"latency_s": vlm.LATENCY_S, "slots": vlm.SLOTS}))
    print(f"Figures: {path}")
    return 0


def _measure_steps(options: argparse.Namespace) -> int:
    from tests.bench import steps

    series, ratios = steps.measure(options.turns)
    print(table(series, ratios, 1))
    path = options.json.with_stem(f"{options.json.stem}-steps")
    save(path, as_json(series, ratios, 1, {"language": steps.MODELS}))
    print(f"Figures: {path}")
    return 0


def _measure_export(work: Path, options: argparse.Namespace) -> int:
    from tests.bench import export

    series, ratios = export.measure(work, options.turns)
    print(table(series, ratios, 1))
    path = options.json.with_stem(f"{options.json.stem}-export")
    save(path, as_json(series, ratios, 1, {}))
    print(f"Figures: {path}")
    return 0


def _measure_born_digital(work: Path, options: argparse.Namespace) -> int:
    with _stack(work) as (_, client):
        series, ratios = born_digital.measure(client, work, options.turns)
    print(table(series, ratios, born_digital.PAGES))
    path = options.json.with_stem(f"{options.json.stem}-born-digital")
    save(path, as_json(series, ratios, born_digital.PAGES, {}))
    print(f"Figures: {path}")
    return 0


def _measure(scan: Scan, work: Path, options: argparse.Namespace, client: Client | None) -> dict[str, Series]:
    rasters = work / "floor"
    rasters.mkdir()
    with open_floor(scan.pdf, scan.page_count, rasters, LANGUAGE) as floor:
        readers = _readers(scan, work, client, floor, not options.without_peers)
        return _take_turns(readers, options.turns, scan.truth, scorer_for(scan.pdf.parent))


def _readers(
    scan: Scan, work: Path, client: Client | None, floor: Floor, with_peers: bool
) -> dict[str, Turn]:
    """In the order of their turns: what is compared most closely, close together."""
    readers: dict[str, Turn] = {}
    if client is not None:
        readers[FLEET] = lambda turn: fleet.read(client, scan.pdf, turn, LANGUAGE)
    readers[FLOOR] = lambda _: floor.recognise()
    readers[RENDERING] = lambda _: (floor.render(), None)
    if with_peers:
        readers[POPPLER_PGM] = lambda _: peers.pdftoppm_and_tesseract(scan.pdf, work, LANGUAGE, "pgm")
        readers[POPPLER_PNG] = lambda _: peers.pdftoppm_and_tesseract(scan.pdf, work, LANGUAGE, "png")
        readers[OCRMYPDF] = lambda _: peers.ocrmypdf(scan.pdf, work, LANGUAGE)
    return readers


def _take_turns(readers: dict[str, Turn], turns: int, truth: str | None, scorer: Scorer) -> dict[str, Series]:
    """Every other turn goes backwards, so that a machine that slows down favours nobody."""
    series = {name: Series(name) for name in readers}
    for turn in range(turns):
        names = list(readers) if turn % 2 == 0 else list(reversed(readers))
        for name in names:
            seconds, text = readers[name](turn)
            series[name].seconds.append(seconds)
            if text is not None and truth is not None:
                series[name].cer = scorer(truth, text).cer
            print(f"  turn {turn + 1}: {name}: {seconds:.2f} s", file=sys.stderr, flush=True)
    return series


def _ratios(series: dict[str, Series]) -> list[Ratio]:
    if FLEET not in series:
        return []
    ours = series[FLEET]
    goals = [ratio("fleet / (floor + rendering)", ours, series[FLOOR], series[RENDERING], goal=1.15)]
    for peer in (OCRMYPDF, POPPLER_PNG, POPPLER_PGM):
        if peer in series:
            goals.append(ratio(f"fleet / {peer}", ours, series[peer], goal=1.0))
    return goals


def _report(series: dict[str, Series], scan: Scan, path: Path) -> None:
    ratios = _ratios(series)
    versions = {command: peers.version(command) for command in ("ocrmypdf", "pdftoppm", "tesseract")}
    print(table(list(series.values()), ratios, scan.page_count))
    print("\n" + "; ".join(f"{command}: {version}" for command, version in versions.items()))
    conditions = {"file": scan.pdf.name, "dpi": DPI, "language": LANGUAGE, "versions": versions}
    save(path, as_json(list(series.values()), ratios, scan.page_count, conditions))
    print(f"Figures: {path}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "pdf", nargs="?", type=Path, help="a scan; its true text may lie beside it as NAME.gt.txt"
    )
    parser.add_argument("--size", action="store_true", help="measure the fleet on 1,000 pages")
    parser.add_argument(
        "--born-digital", action="store_true", help="measure the fleet on a PDF with a text layer"
    )
    parser.add_argument(
        "--fairness", action="store_true", help="measure jobs of one page beside one of 2,000 pages"
    )
    parser.add_argument(
        "--partner-flood", action="store_true", help="measure jobs of one page beside a partner's burst"
    )
    parser.add_argument("--vlm", action="store_true", help="measure the fleet with a model that takes 2 s")
    parser.add_argument("--steps", action="store_true", help="measure what each step of a page costs")
    parser.add_argument("--export", action="store_true", help="measure what searchable PDFs cost")
    parser.add_argument("--turns", type=int, default=3, help="how often each reads it (default: %(default)s)")
    parser.add_argument("--without-fleet", action="store_true", help="measure the peers and the floor alone")
    parser.add_argument("--without-peers", action="store_true", help="measure the fleet and the floor alone")
    parser.add_argument(
        "--json", type=Path, default=CHECKOUT / ".local" / "bench.json", help="where the figures go"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
