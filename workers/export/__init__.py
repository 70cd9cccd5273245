"""The export worker: files of finished documents, in formats that other programs open."""
