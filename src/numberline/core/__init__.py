"""The domain: numbers, offers, accounts, money, the life of a number. No I/O, no clock."""
