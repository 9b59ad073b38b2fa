"""Files in and out: tables, documents, inventories, plans, scenarios and results."""
