"""Accuracy over a folder of sets, beside plain Tesseract: ``python -m tests.eval DIR``."""
