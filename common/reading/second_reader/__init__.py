"""What Tesseract is unsure of, read again by another engine."""
