"""``python -m tests.chat_questions [set…]``: the figures, and each question that went wrong."""

import sys

from tests.chat_questions.documents import pages_of
from tests.chat_questions.measure import Outcome, outcomes, share

SETS = ("questions", "held_out")


def main(names: list[str]) -> None:
    for name in names or SETS:
        _print(name, outcomes(name))


def _print(name: str, found: list[Outcome]) -> None:
    said = [outcome for outcome in found if outcome.asked.page is not None]
    unsaid = [outcome for outcome in found if outcome.asked.page is None]
    documents = len({outcome.asked.document for outcome in found})
    print(f"{name}: {len(said)} answered by {documents} documents, {len(unsaid)} not")
    print(f"  right page first      {share([outcome.has_page for outcome in said]):.1%}")
    several = [outcome for outcome in said if len(pages_of(outcome.asked.document)) > 1]
    print(f"    of several pages    {share([outcome.has_page for outcome in several]):.1%}")
    print(f"  right sentence first  {share([outcome.has_sentence for outcome in said]):.1%}")
    if unsaid:
        print(f"  not said, and told so {share([outcome.has_page for outcome in unsaid]):.1%}")
    for outcome in found:
        if not outcome.has_sentence:
            asked, given = outcome.asked, outcome.answer.content.replace("\n", " / ")
            print(f"  - {asked.document}: {asked.question} [{asked.page}: {asked.sentence}] → {given}")


main(sys.argv[1:])
