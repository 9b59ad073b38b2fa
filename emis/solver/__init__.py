"""Gap closing: the cheapest, or least laborious, implementation of measures that reaches chosen targets."""
