"""The ASGI composition and the process that serves it."""
