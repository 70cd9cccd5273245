"""The worker that answers questions about a finished document, by its text alone."""
