"""Stock in and out: files checked and taken in, summaries and exports.

The way of a file: `csv_lines` reads it, `numbers` and `terms` understand it, `checks` judges it
(with `dialling` and `intervals`), `gathering` collects what is good into bitmaps, `rejections`
what is not, and `intake` takes it into the stock in one transaction.
"""
