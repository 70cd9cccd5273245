"""Answers without a model: the sentences of the document that answer best, quoted."""
