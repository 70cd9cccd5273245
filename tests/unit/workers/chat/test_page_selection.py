from workers.chat.page_selection import select_pages, tokens_of

PAGES = [
    "Cover of the report",
    "The weather was fine all summer. " * 5,
    "The new plant cost half a million pounds. " * 5,
    "Staff and board of the trust. " * 5,
    "",
]


def test_all_pages_with_text_are_taken_where_all_fit() -> None:
    assert select_pages("What did the plant cost?", PAGES, 10_000) == [0, 1, 2, 3]


def test_the_page_that_answers_is_taken_first() -> None:
    assert select_pages("What did the plant cost?", PAGES, tokens_of(PAGES[2])) == [2]


def test_pages_come_in_the_document_s_order_and_keep_to_the_budget() -> None:
    budget = tokens_of(PAGES[2]) + tokens_of(PAGES[3])
    chosen = select_pages("Who is on the board, and what did the plant cost?", PAGES, budget)
    assert chosen == [2, 3]


def test_a_page_too_large_leaves_its_place_to_the_next() -> None:
    pages = ["plant " * 500, "The plant is here."]
    assert select_pages("Where is the plant?", pages, 20) == [1]


def test_earlier_questions_count_a_little() -> None:
    budget = tokens_of(PAGES[2])
    assert select_pages("And how much?", PAGES, budget, earlier=["Which plant?"]) == [2]


def test_a_question_in_another_language_finds_what_it_is_about() -> None:
    pages = [
        "Der Sommer war schön. " * 9,
        "Der Rechnungsbetrag ist bis zum Ersten zu zahlen. " * 9,
        "Anhang. " * 9,
    ]
    assert select_pages("What is the total amount?", pages, tokens_of(pages[1]), language="de") == [1]


def test_no_pages_give_none() -> None:
    assert select_pages("What?", [], 100) == []


def test_chinese_takes_a_token_a_letter() -> None:
    assert tokens_of("发票号码") == 4
