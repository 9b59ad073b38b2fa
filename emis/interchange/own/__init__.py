"""What emis itself reads and writes: inventories, tables of emissions, arrays, results and scenarios."""
