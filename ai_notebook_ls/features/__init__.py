"""Thin handlers, one file an LSP message."""
