"""The clock of production."""

import time

from numberline.core.instants import Instant


class SystemClock:
    """The machine's own time."""

    def now(self) -> Instant:
        """The instant at which it is called."""
        return Instant(time.time_ns() // 1000)
