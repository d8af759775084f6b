"""What this program says on stderr: whatever a library logs, no text of a cell, prompt, header or frame.

The handler decides, not the loggers: a library that is added, or a level that somebody forgets, changes nothing.
"""

from __future__ import annotations

import logging
import sys
import threading
from pathlib import Path
from types import TracebackType

from ai_notebook_ls.core.failures import textless

HERE = str(Path(__file__).parent)


def configure(level: str) -> None:
    """Log to stderr from a level on, and crashes, too; the only place where logging is set up."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Textless())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.captureWarnings(True)
    logging.raiseExceptions = False  # else a record that cannot be formatted is printed whole
    sys.excepthook = _crashed
    threading.excepthook = lambda args: _crashed(args.exc_type, args.exc_value, args.exc_traceback)
    sys.unraisablehook = lambda args: _crashed(args.exc_type, args.exc_value, args.exc_traceback)


class Textless(logging.Formatter):
    """Writes our own messages, which hold no user's text; of a library's, only where it was logged; no error's text."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one record as lines."""
        if record.pathname.startswith(HERE):
            what = record.getMessage()
        else:
            what = f"{Path(record.pathname).name}, line {record.lineno} (a library's text, which may hold yours, is not shown)"
        lines = [f"{record.levelname} {record.name}: {what}"]
        if record.exc_info and record.exc_info[0] is not None:
            lines.append(textless(record.exc_info[0], record.exc_info[2]))
        return "\n".join(lines)


def _crashed(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    if not issubclass(kind, KeyboardInterrupt | SystemExit):
        logging.getLogger(__name__).error("Something failed that nobody caught\n%s", textless(kind, trace))
