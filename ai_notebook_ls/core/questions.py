"""The answers that a user may give to a question, as buttons show them."""

RUN_THEM, ONLY_THIS, CANCEL = "Run them", "Only this cell", "Cancel"
"""To whether slow cells, or those that reach out of the notebook, may run again."""

DO_NOT_RUN, RUN_ONCE, RUN_ALWAYS = "Don't run it", "Run it once", "Always run here"
"""To whether code that the user did not write, and that nothing contains, may run; always: in this notebook."""

NOT_NOW, SHOW, SEND_ONCE, SEND = "Not now", "Show what is sent", "Send this once", "Send, and do not ask again"
"""To whether a prompt may go to a server elsewhere; the first has the focus in a dialog."""

CAUTIOUS = frozenset({CANCEL, DO_NOT_RUN, NOT_NOW})
"""Those after which nothing happens."""
