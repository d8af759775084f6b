"""The answers that a user may give to a question, as buttons show them."""

RUN_THEM, ONLY_THIS, CANCEL = "Run them", "Only this cell", "Cancel"
"""To whether slow cells, or those that reach out of the notebook, may run again."""

RUN_IT = "Run it"
"""To whether code that reaches out of the notebook may be tried."""

SHOW, SEND, NOT_NOW = "Show what is sent", "Send, and do not ask again", "Not now"
"""To whether a prompt may go to a server elsewhere."""
