"""The commands `key` and `consents`: what is kept to reach a model's server, and how to forget it."""

from __future__ import annotations

import getpass
import sys
from typing import TextIO

from ai_notebook_ls.core.failures import BadArguments
from ai_notebook_ls.ports import Consents
from ai_notebook_ls.providers.keys import Keys
from ai_notebook_ls.providers.presets import Preset


def key(keys: Keys, what: str, preset: Preset, out: TextIO) -> int:
    """Set, show or forget a key; return the exit code. The key itself is never printed. Raises BadArguments."""
    name = preset.name
    if what == "set":
        typed = (
            getpass.getpass(f"Key for {preset.origin} (not shown): ") if sys.stdin.isatty() else sys.stdin.readline()
        )
        if not typed.strip():
            raise BadArguments("No key was given; nothing was changed.", "Type it, or pipe it in.")
        where = {"keyring": "the system's keyring", "file": f"{keys.file}, which only you may read"}
        out.write(f"The key for {preset.origin} is in {where[keys.set(name, typed)]}.\n")
        return 0
    if what == "forget":
        forgot = keys.forget(name)
        out.write(
            f"The key for {preset.origin} is forgotten.\n" if forgot else f"There was no key for {preset.origin}.\n"
        )
        return 0
    found = keys.find(name)
    if found is None:
        out.write(f"There is no key for {preset.origin}. Set one with `ai-notebook-ls key set {name}`.\n")
        return 1
    out.write(f"There is a key for {preset.origin}, from {found.place}.\n")
    return 0


def consents(kept: Consents, forget: str | None, out: TextIO) -> int:
    """List the servers that the user agreed to send to, or forget one or `all`; return the exit code."""
    if forget is not None:
        known = kept.all()
        if forget != "all" and forget not in known:
            raise BadArguments(f"You never agreed to send to {forget}.", f"You did for: {', '.join(known) or 'none'}.")
        kept.forget(None if forget == "all" else forget)
    for destination in kept.all():
        out.write(f"{destination}\n")
    if not kept.all():
        out.write("You are asked before anything is sent to a server that is not this machine.\n")
    return 0
