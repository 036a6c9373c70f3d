"""The Sinch Numbers API."""
