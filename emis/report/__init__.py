"""The report: what a run found as one page that needs no network, and that is also a live model of the plan."""
