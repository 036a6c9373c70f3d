"""Background loops: what falls due, and the event feed."""
