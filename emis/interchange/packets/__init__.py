"""Control packets of SMOKE and CoST: read, matched to sources, evaluated as each system would, compiled to measures."""
