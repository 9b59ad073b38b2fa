"""From sources to a grid: where, when and as which species an inventory's tonnes are emitted, hour by hour."""
