"""Tables on a page, built from its words and the lines that are drawn on it."""
