"""The operator's command: accounts and their tokens. ``python -m front.admin --help`` tells the rest."""
