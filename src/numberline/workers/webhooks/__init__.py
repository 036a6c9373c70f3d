"""Tells events to those who asked for it: what is sent when, and what comes of it."""
