"""Recognised documents, whoever recognised them: plain data and pure functions."""
