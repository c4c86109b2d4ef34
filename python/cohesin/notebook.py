"""Where the library's log and progress are seen: a script, a terminal, a notebook."""

import atexit
import contextlib
import logging
import sys

from . import _native

logger = logging.getLogger("cohesin")


class _ToStderr(logging.Handler):
    """Plain lines on sys.stderr as it is now (notebooks replace it), unless the program has set up
    logging itself."""

    def emit(self, record):
        if logging.getLogger().handlers:
            return
        mark = "" if record.levelno < logging.WARNING else record.levelname.lower() + ": "
        _line.clear()
        print(mark + record.getMessage(), file=sys.stderr, flush=True)


class _Line:
    """One line that redraws itself."""

    def __init__(self):
        self.width = 0

    def show(self, text):
        # Notebooks know the return to the line's start, but not the codes that clear a line.
        print("\r" + text.ljust(self.width) + ("" if text else "\r"), end="", file=sys.stderr, flush=True)
        self.width = len(text)

    def clear(self):
        if self.width:
            self.show("")


_line = _Line()
if logger.level == logging.NOTSET:
    logger.setLevel(logging.INFO)
logger.addHandler(_ToStderr())


def _redraws():
    """Whether a line that redraws itself can be seen on sys.stderr."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell is not None and type(shell).__name__ == "ZMQInteractiveShell":
        return True
    return bool(getattr(sys.stderr, "isatty", lambda: False)())


def _log(level, text):
    logger.log(level, "%s", text)


@contextlib.contextmanager
def shown(progress):
    """The log goes to `logging` meanwhile. `progress`: True (a line that redraws itself, or a log
    line a minute where that cannot be seen), False, or a function that gets each text, "" at the end."""
    if callable(progress):
        status = progress
    elif not progress:
        status = lambda text: None  # noqa: E731
    else:
        status = _line.show if _redraws() and logger.isEnabledFor(logging.INFO) else None
    _native.set_log(_log, status)
    try:
        yield
    finally:
        _line.clear()
        _native.set_log(_log, None)


_native.set_log(_log, None)
atexit.register(_native.set_log, None, None)
