"""The handlers, by what they are about; each file ends with its table of URLs."""
