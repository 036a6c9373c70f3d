"""The search index: digit automata over Roaring bitmaps. No I/O."""

from numberline.stock.index import Page, StockIndex
from numberline.stock.patterns import PATTERN_LENGTH_MAX, Pattern
from numberline.stock.plans import Hit

__all__ = ["PATTERN_LENGTH_MAX", "Hit", "Page", "Pattern", "StockIndex"]
