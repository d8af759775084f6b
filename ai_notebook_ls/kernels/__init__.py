"""Sidecar kernels: the only room that knows jupyter_client."""
