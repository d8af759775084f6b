"""The command `ai-notebook-ls`: argv -> app. The only place that exits the process."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from ai_notebook_ls import __version__, logs

RECIPES = "imports, unused, modernise, f-strings, pathlib, types, docstring"
DESCRIPTION = """\
A language server for notebooks that runs what it suggests, in sidecar kernels apart from your own.

Without a command it speaks LSP over stdin and stdout, for editors. In JupyterLab and Notebook 7 there is nothing to
start: `pip install ai-notebook-ls` is enough.
"""
ATTACH = """\
Show stock jupyterlab-lsp what the sidecar knows: hover and diagnostics. jupyter-lsp starts this command by itself, where
no other Python language server is installed; there is nothing to do. All pages of a Jupyter server share it, so it
answers only what cannot disturb another page, and it ends when its stdin does or by SIGTERM, not by `shutdown`.

Where the Jupyter server runs a sidecar (a page with our extension starts it), messages are relayed to that; where it
does not, or no longer, this process serves by itself. Which of both, it says on stderr, the Jupyter server's log.
"""
SETTINGS_HELP = """\
settings: ai_notebook_ls.toml in Jupyter's config folder (`jupyter --config-dir`), then the environment:
  AI_NOTEBOOK_LS_PROVIDER               builtin (default: no model, no network), openai or scripted
  AI_NOTEBOOK_LS_BASE_URL               the model's server: a URL, or openai, ollama, lmstudio, vllm, llamacpp
  AI_NOTEBOOK_LS_MODEL                  the model's name there (the only one that the server has)
  AI_NOTEBOOK_LS_API_KEY                its key; better kept by `ai-notebook-ls key set PRESET`
  AI_NOTEBOOK_LS_SEND                   never, ask about each server that is not this machine (default), automatic
  AI_NOTEBOOK_LS_VALUES                 what is told of values: never, schema (default: types, shapes, columns), sample
  AI_NOTEBOOK_LS_HIDE_PERSONAL          replace mail addresses, card numbers, IBANs, telephone numbers (false)
  AI_NOTEBOOK_LS_PROMPT_TOKENS          what a prompt may have (3000)
  AI_NOTEBOOK_LS_ANSWER_TOKENS          what an answer may have (2048)
  AI_NOTEBOOK_LS_CANDIDATES             how many answers a model gives to one wish for a fix (1)
  AI_NOTEBOOK_LS_LANGUAGE               the language that models answer in (that of the question)
  AI_NOTEBOOK_LS_INSTRUCTIONS           your own, added to each prompt
  AI_NOTEBOOK_LS_FIRST_TOKEN_SECONDS    how long a server may think before its first word (60)
  AI_NOTEBOOK_LS_TOTAL_SECONDS          how long an answer may take in all (120)
  AI_NOTEBOOK_LS_CACHE                  keep explanations on disk (true)
  AI_NOTEBOOK_LS_AUDIT                  record each request's hash, size, destination and time (true)
  AI_NOTEBOOK_LS_SCRIPT                 the scripted provider's replies, a JSON Lines file
  AI_NOTEBOOK_LS_RUN_TIMEOUT            seconds that one cell may run (120)
  AI_NOTEBOOK_LS_RUN_SLOW               seconds from which a cell above is asked about before it is rerun (10)
  AI_NOTEBOOK_LS_OUTPUT_LIMIT           bytes of output kept per cell (4000000)
  AI_NOTEBOOK_LS_PREPARE                get ready to start a kernel when a notebook is opened (true)
  AI_NOTEBOOK_LS_IDLE_MINUTES           minutes until an unused sidecar kernel is closed (60)
  AI_NOTEBOOK_LS_CONNECTIONS            connections to `serve` at the same time; another one is refused (64)
  AI_NOTEBOOK_LS_KERNELS_LIMIT          sidecar kernels at the same time; the least recently used one makes room (8)
  AI_NOTEBOOK_LS_KERNELS_MEMORY_MB      memory of all together, when another one starts (half of the machine's)
  AI_NOTEBOOK_LS_CODE_LENS              show "Run in sidecar" over cells in editors (true)
  AI_NOTEBOOK_LS_DIAGNOSTICS            tell names that are not defined above, and stale cells: on (default) or off
  AI_NOTEBOOK_LS_REMOTE_URL             a Jupyter server that runs the sidecar kernels (none: this machine)
  AI_NOTEBOOK_LS_REMOTE_FOLDER          where they work, below that server's root
  AI_NOTEBOOK_LS_REMOTE_TOKEN           that server's token; or, as a file that nobody else may read:
  AI_NOTEBOOK_LS_REMOTE_TOKEN_FILE
  AI_NOTEBOOK_LS_ISOLATION              auto (default: the best that works here), process, limited or sandboxed
  AI_NOTEBOOK_LS_ISOLATION_FOLDER       the notebook's folder in a sandbox: copied (default), read-only, writable
  AI_NOTEBOOK_LS_ISOLATION_NETWORK      let a sandboxed kernel use the network (false)
  AI_NOTEBOOK_LS_ISOLATION_READABLE     further folders that it may read, separated by commas
  AI_NOTEBOOK_LS_ISOLATION_ENVIRONMENT  variables that kernels get, as names or patterns (all but the assistant's own)
  AI_NOTEBOOK_LS_ISOLATION_MEMORY_MB    memory of one process of a kernel (8192)
"""


def parser() -> argparse.ArgumentParser:
    """Return the command line's grammar."""
    top = argparse.ArgumentParser(
        "ai-notebook-ls",
        description=DESCRIPTION,
        epilog=SETTINGS_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"ai-notebook-ls {__version__}")
    top.add_argument("--log-level", default="warning", choices=["debug", "info", "warning", "error"], help="on stderr")
    commands = top.add_subparsers(dest="command", metavar="COMMAND")

    serve = commands.add_parser("serve", help="serve many clients by WebSocket")
    where = serve.add_mutually_exclusive_group(required=True)
    where.add_argument("--unix-socket", metavar="PATH", help="listen on a unix socket in a private folder")
    where.add_argument("--port", type=int, help="listen on this TCP port (0: any free one), behind a token")
    serve.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: this machine only)")
    serve.add_argument("--allow-remote", action="store_true", help="permit a --host that is not this machine")
    serve.add_argument(
        "--announce", action="store_true", help="let `attach` find the unix socket, if it has the same parent process"
    )
    serve.add_argument("--root", metavar="FOLDER", type=Path, help="the folder that notebooks are in; clients are told")
    serve.add_argument("--origin", action="append", default=[], help="a web page's origin that may connect; repeatable")

    commands.add_parser(
        "attach",
        help="relay LSP on stdin and stdout to this Jupyter server's sidecar (jupyter-lsp starts it)",
        description=ATTACH,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )

    lab = commands.add_parser("lab", help="start JupyterLab with everything on")
    lab.add_argument("notebook", nargs="?", help="a notebook or folder to open")
    lab.add_argument("arguments", nargs=argparse.REMAINDER, help="passed on to JupyterLab")

    for verb, text in (
        ("run", "run a cell, or the whole notebook, in a sidecar kernel"),
        ("explain", "explain a cell"),
        ("fix", "find the first failing cell and try fixes in sidecar kernels"),
        ("improve", "change cells by a recipe, or your own words, and compare their outputs before and after"),
        ("ask", "ask a model about the notebook"),
    ):
        command = commands.add_parser(verb, help=text)
        command.add_argument("notebook", type=Path, help="an .ipynb or a `# %%%%` .py")
        if verb == "ask":
            command.add_argument("question", help="what you want to know")
        command.add_argument("--cell", help="a cell's id, or its number from 1")
        command.add_argument("--json", action="store_true", help="print the result object on stdout, alone")
        command.add_argument(
            "--yes", action="store_true", help="run the cells above that would be asked about: slow, writing, network"
        )
        if verb in ("fix", "improve"):
            command.add_argument(
                "--run-model-code",
                action="store_true",
                help="run what a model proposes where nothing keeps it from your files and the network; read it first",
            )
        if verb != "run":
            command.add_argument(
                "--preview", action="store_true", help="print what a model would be sent; send nothing"
            )
        if verb == "explain":
            command.add_argument("--no-cache", action="store_true", help="do not take a model's earlier explanation")
        if verb == "run":
            modes = ["cell", "needed", "above", "all"]
            command.add_argument("--mode", default="needed", choices=modes, help="which cells to run with --cell")
        if verb == "improve":
            command.add_argument("--recipe", help=f"one of {RECIPES} (default: show what each that fits would do)")
            command.add_argument("--instruction", help="what to do, in your own words; this needs a model")
        if verb in ("fix", "improve"):
            command.add_argument(
                "--write", action="store_true", help="put the best candidate into the file if verified"
            )

    key = commands.add_parser(
        "key", help="keep the key of a model's server: in the system's keyring, or a private file"
    )
    key.add_argument("what", choices=["set", "show", "forget"], help="`show` tells where one is kept, never the key")
    key.add_argument("server", help="openai, ollama, lmstudio, vllm, llamacpp, or a server's URL")

    consents = commands.add_parser("consents", help="list the servers that you agreed to send to")
    consents.add_argument("--forget", metavar="SERVER", help="be asked again before one of them, or `all`")

    doctor = commands.add_parser("doctor", help="say what is installed, what works, and what is missing")
    doctor.add_argument("--json", action="store_true", help="print it as JSON")
    return top


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command line and exit."""
    arguments = parser().parse_args(argv)
    logs.configure(arguments.log_level)
    from ai_notebook_ls import app  # after --help and --version have had their say

    sys.exit(app.main(arguments, os.environ))


if __name__ == "__main__":
    main()
