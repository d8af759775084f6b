"""What answers requests: builtin rules, models, the scripted mock."""
