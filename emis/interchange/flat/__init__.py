"""Flat files of the US EPA: FF10 and ORL, and what CoST reports of a strategy."""
