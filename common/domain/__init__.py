"""What the service decides: pure functions and frozen values; clock and ids come in as arguments."""
