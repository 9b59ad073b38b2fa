"""Figures of a result: each function returns the chart and the tidy frame that it draws."""
