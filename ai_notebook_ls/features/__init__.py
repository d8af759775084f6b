"""Thin handlers, one file an LSP message: decode, snapshot, call a verb, encode.

This list is the table of contents; app.py registers each module on every new session.
"""

from ai_notebook_ls.features import (
    code_action,
    code_lens,
    commands,
    configuration,
    diagnostics,
    history,
    hover,
    preparation,
    saved,
    scratch,
)

FEATURES = (
    code_action, code_lens, commands, configuration, diagnostics, history, hover, preparation, saved, scratch
)  # fmt: skip

__all__ = ["FEATURES"]
