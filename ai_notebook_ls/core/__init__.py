"""The pure heart: no I/O, no asyncio, no LSP, no clock; frozen dataclasses in and out."""
