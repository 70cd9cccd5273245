"""The parts of a Word document (WordprocessingML, ECMA-376 Part 1)."""
