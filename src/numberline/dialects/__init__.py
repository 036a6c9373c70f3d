"""The front doors, one folder each; a door only translates."""
