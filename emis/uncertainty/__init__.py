"""How sure a projection is: what of it is uncertain, draws of that, and what they make of totals and contributions."""
