"""A PDF page's own text: how far it is believed, and how it is joined with what is read."""
