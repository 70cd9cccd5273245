"""What makes a process of the parts: settings, signals, the one consume loop."""
