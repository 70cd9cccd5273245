from common.document.geometry import Box, union
from common.document.page import Cell, Role, Table
from tests.unit.workers.chat.written import block, page
from workers.chat.passages import Kind, Passage, passages_of


def test_a_sentence_over_two_lines_is_one_passage_with_the_box_of_both() -> None:
    passages = list(
        passages_of([page(block("The tenancy begins on the first day", "of May. It ends in June."))])
    )
    assert [passage.text for passage in passages] == [
        "The tenancy begins on the first day of May.",
        "It ends in June.",
    ]
    assert passages[0].bbox == Box(0, 0, 350, 50)


def test_pages_are_counted_from_one_and_a_page_that_failed_counts_too() -> None:
    assert [passage.page for passage in passages_of([None, page(block("Here it is."))])] == [2]


def test_what_is_under_a_heading_knows_it_also_on_the_next_page() -> None:
    pages = [page(block("4. Deposit", role=Role.HEADING)), page(block("It is returned."))]
    heading, sentence = passages_of(pages)
    assert (heading.kind, heading.heading) == (Kind.HEADING, "")
    assert sentence.heading == "4. Deposit"


def test_a_value_knows_the_label_on_its_row_in_another_block() -> None:
    pages = [page(block("Total due"), block("1,234.50", x=500))]
    assert _by_text(pages)["1,234.50"].label == "Total due"


def test_a_value_does_not_take_a_label_of_another_row() -> None:
    pages = [page(block("Total due", y=300), block("1,234.50", x=500))]
    assert _by_text(pages)["1,234.50"].label == ""


def test_a_value_under_a_row_of_labels_takes_the_one_above_it() -> None:
    labels = (block("Invoice date"), block("Due date", x=400))
    values = (block("3 May 2025", y=25), block("2 June 2025", x=400, y=25))
    found = _by_text([page(*labels, *values)])
    assert found["2 June 2025"].label == "Due date"
    assert found["3 May 2025"].label == "Invoice date"


def test_a_line_with_a_colon_says_what_the_next_ones_are() -> None:
    found = _by_text(
        [page(block("Bill to:", "Greenfield Hotels", "22 Market Square", "Bath and its parts all round"))]
    )
    assert found["Greenfield Hotels"].label == "Bill to:"


def test_lines_with_labels_and_values_apart_are_passages_each() -> None:
    rows = (("Invoice no.", "NL-204"), ("Date", "3 March"), ("Total", "12.50"))
    lines = []
    for at, (label, value) in enumerate(rows):
        left, right = block(label, y=40 * at), block(value, x=400, y=40 * at)
        lines.append(
            type(left.lines[0])((*left.lines[0].words, *right.lines[0].words), union((left.bbox, right.bbox)))
        )
    whole = type(left)(tuple(lines), union(line.bbox for line in lines))
    assert [passage.text for passage in passages_of([page(whole)])] == [
        "Invoice no. NL-204",
        "Date 3 March",
        "Total 12.50",
    ]


def test_a_table_s_row_is_read_with_its_headers_and_quoted_as_it_stands() -> None:
    texts = (("Item", "Price"), ("Lamp", "12.50"), ("Chair", "80.00"))
    cells = tuple(
        Cell(row, column, text, Box(300 * column, 40 * row, 300 * column + 300, 40 * row + 40))
        for row, of_row in enumerate(texts)
        for column, text in enumerate(of_row)
    )
    table = Table(union(cell.bbox for cell in cells), cells)
    lines = []
    for row, (left, right) in enumerate(texts):
        one, other = block(left, y=40 * row + 10), block(right, x=300, y=40 * row + 10)
        lines.append(
            type(one.lines[0])((*one.lines[0].words, *other.lines[0].words), union((one.bbox, other.bbox)))
        )
    shown = type(one)(tuple(lines), table.bbox, Role.TABLE)
    header, lamp, _ = passages_of([page(shown, tables=[table])])
    assert header.kind is Kind.HEADING
    assert (lamp.kind, lamp.text, lamp.reading) == (Kind.ROW, "Lamp 12.50", "Item: Lamp; Price: 12.50")
    assert lamp.bbox == Box(0, 50, 350, 70)


def test_a_blank_document_has_no_passages() -> None:
    assert list(passages_of([page(), None])) == []


def _by_text(pages: list) -> dict[str, Passage]:  # type: ignore[type-arg]
    return {passage.text: passage for passage in passages_of(pages)}


def test_a_page_of_one_endless_heading_gives_passages_to_read() -> None:
    endless = block(*["word " * 40] * 30, role=Role.HEADING)
    assert max(len(passage.text) for passage in passages_of([page(endless)])) <= 500
