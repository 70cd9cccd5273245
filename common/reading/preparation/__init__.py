"""A page's image made ready for Tesseract."""
