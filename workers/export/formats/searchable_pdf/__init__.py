"""Parts of the searchable PDF: the pages as they were sent, and their words as invisible text."""
