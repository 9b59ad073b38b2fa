"""What a projection leads to in the air: concentrations, heavily polluted days, dustfall, and who did it."""
