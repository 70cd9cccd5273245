"""What crosses a wire: tasks (do this), events (this happened), the codec and the topology."""
