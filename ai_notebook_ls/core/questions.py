"""The answers that a user may give to a question, as buttons show them."""

RUN_THEM, ONLY_THIS, CANCEL = "Run them", "Only this cell", "Cancel"
"""To whether slow cells, or those that reach out of the notebook, may run again."""

SEND, SHOW, NOT_NOW = "Send it, and always to there", "Show what is sent", "Not now"
"""To whether a prompt may go to a server elsewhere."""
