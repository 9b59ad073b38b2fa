"""Why a number is what it is: from the rows of the inventory, the drivers and the plan to what was projected."""
