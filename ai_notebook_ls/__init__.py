"""A language server that knows notebook cells and runs what it suggests in sidecar kernels."""

__version__ = "0.1.0"
