"""One module a format: each writes a document's pages into one file."""
