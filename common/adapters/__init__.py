"""The outside world behind the ports; each module is named by its technology and alone imports it."""
