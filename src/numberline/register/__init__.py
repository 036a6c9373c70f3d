"""The batching writer: commands in, one transaction a batch out."""
