"""Speed beside peers, on one scanned PDF, in one run: ``python -m tests.bench [scan.pdf]``."""
