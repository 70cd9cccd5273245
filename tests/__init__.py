"""All tests, and what they share."""

import pytest

# So that a failing assert in these tells the values too, as it does in a test file.
for shared in ("accuracy", "client", "stack", "system.judging", "faults.long_job"):
    pytest.register_assert_rewrite(f"tests.{shared}")
