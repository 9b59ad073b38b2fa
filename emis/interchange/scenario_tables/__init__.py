"""Tables of scenarios by year: IAMC and PRIMAP2."""
