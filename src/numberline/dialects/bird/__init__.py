"""The numbers of the Bird API."""
