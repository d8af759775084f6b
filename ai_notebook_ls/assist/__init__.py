"""The verbs, on ports and core only."""
