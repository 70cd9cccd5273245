"""Questions with known answers, to measure how well documents are answered from."""
