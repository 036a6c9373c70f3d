"""Structured logs: one JSON object a line, on standard error."""

import sys

import structlog


def configure_logs() -> None:
    """Send every event of this process to standard error.

    Tracebacks are plain text, without the values of local variables: those may be secrets.
    """
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
