"""What can go wrong with the one-machine stack, in sentences for the person who runs it."""


class StackError(Exception):
    """The stack cannot do what was asked; the message says why and what helps."""
