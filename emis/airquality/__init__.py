"""From emissions to concentrations, heavily polluted days and dustfall: models on plain arrays, each of one method."""
