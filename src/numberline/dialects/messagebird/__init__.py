"""The MessageBird Numbers API."""
