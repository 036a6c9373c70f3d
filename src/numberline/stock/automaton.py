"""A glob over digits as an automaton whose states are sets of positions in one integer.

Bit ``i`` of a state says that the glob's first ``i`` tokens (digits and ``?``) are matched. A star
is no token: it lets the position before it stay while digits go by. One step is then two masks and
a shift (the Shift-And method of Baeza-Yates and Gonnet).

How many digits are still to come is always known, because the length of a number is. Every state
is cut down to the positions that can end in exactly that many digits, so with ``r`` digits to come
only positions with at most ``r`` tokens to go are left and there are at most ``2 ** (r + 1)``
states, whatever the glob. That bound is what keeps a hostile pattern cheap.
"""

from typing import Final

from numberline.core.numbers import NUMBER_DIGITS_MAX

EMPTY: Final = 0
"""The state from which no digits lead to a match."""

FULL: Final = -1
"""The state from which all digits lead to a match."""


class Automaton:
    """Runs the digits of a number from left to right over one glob."""

    def __init__(self, glob: str) -> None:
        moves, wild, stays, end, settled = [0] * 10, 0, 0, 0, 0
        for symbol in glob:
            if symbol == "*":
                stays |= 1 << end
                continue
            if symbol == "?":
                wild |= 1 << end
            else:
                moves[int(symbol)] |= 1 << end
                settled = end + 1
            end += 1
        self._moves = [move | wild for move in moves]
        self._stays = stays
        # Where only "?" are left, whatever comes matches: its length is settled by _alive.
        self._open = (2 << end) - (1 << settled)
        self._alive = [_alive(end, stays, left) for left in range(NUMBER_DIGITS_MAX + 1)]

    def start(self, left: int) -> int:
        """The state before the first of ``left`` digits."""
        return self._settle(1, left)

    def step(self, state: int, digit: int, left: int) -> int:
        """The state after one more digit, with ``left`` digits still to come."""
        if state <= EMPTY:
            return state
        return self._settle((state & self._moves[digit]) << 1 | state & self._stays, left)

    def after(self, prefix: int, left: int) -> int:
        """The state after the digits of ``prefix`` (none if it is 0), with ``left`` to come."""
        digits = str(prefix) if prefix else ""
        left += len(digits)
        state = self.start(left) if left <= NUMBER_DIGITS_MAX else EMPTY
        for digit in digits:
            left -= 1
            state = self.step(state, int(digit), left)
        return state

    def _settle(self, positions: int, left: int) -> int:
        """The smallest state that means the same as these positions."""
        positions &= self._alive[left]
        if positions & self._open:
            return FULL
        # What matches from an earlier position gets past the last star reached anyway.
        last_star = (positions & self._stays).bit_length()
        return positions >> last_star - 1 << last_star - 1 if last_star else positions


def _alive(end: int, stays: int, left: int) -> int:
    """The positions from which exactly ``left`` digits can lead to the end."""
    first = max(end - left, 0)
    before_a_star = (1 << stays.bit_length()) - 1
    exact = 1 << first if left <= end else 0
    return exact | before_a_star >> first << first
