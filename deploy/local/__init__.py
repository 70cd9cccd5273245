"""The whole fleet on one machine, under a process supervisor, with a broker and a database of its own."""
