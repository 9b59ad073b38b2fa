"""Tables of colleagues, read as a mapping.yaml says."""
