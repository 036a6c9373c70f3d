"""Numberline: a phone-number inventory and provisioning server."""
