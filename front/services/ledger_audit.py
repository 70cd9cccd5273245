"""Are the books right? Every account is compared with the ledger, whatever goes on meanwhile."""

from collections.abc import AsyncIterator

from common.domain.books import Audit, Auditor
from common.ports import Ledger


class LedgerAudit:
    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def accounts(self) -> AsyncIterator[Audit]:
        """One account after the other, visitors' too. Rows that are written meanwhile do not count."""
        async for books in self._ledger.books():
            auditor = Auditor(books)
            async for row in self._ledger.rows(books.account_id):
                auditor.add(row)
            yield auditor.result()
