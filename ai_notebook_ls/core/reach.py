"""What a cell does outside of the notebook: programs, the network, files, deletions, text run as code.

The one vocabulary of it. It decides what the user is asked about among his own cells, and what is told of a change. It
keeps nothing from happening: nothing but the operating system does.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from ai_notebook_ls.core import magics
from ai_notebook_ls.core.cells import Notebook
from ai_notebook_ls.core.dotted import FUNCTIONS, IMPORTERS, Names, names_of

Kind = Literal["programs", "network", "deletes", "code", "writes"]

# fmt: off
NAMED: dict[Kind, str] = {
    "programs": (
        "subprocess pty multiprocessing ctypes cffi pexpect sh plumbum invoke fabric signal.raise_signal psutil.Process "
        "concurrent.futures.ProcessPoolExecutor asyncio.create_subprocess_exec asyncio.create_subprocess_shell "
        "webbrowser posix nt pip ensurepip venv antigravity selenium playwright docker git pyautogui commands popen2 "
        "_posixsubprocess "
    ),
    "network": (
        "requests requests_html urllib.request urllib2 urllib3 httpx httplib2 aiohttp http.client http.server ftplib "
        "smtplib poplib imaplib nntplib telnetlib xmlrpc socket socketserver _socket paramiko asyncssh pysftp boto3 "
        "botocore aiobotocore s3fs gcsfs adlfs google.cloud azure websockets websocket openai anthropic cohere "
        "replicate psycopg psycopg2 asyncpg mlflow pymysql MySQLdb mysql pymongo motor redis cassandra elasticsearch "
        "sqlalchemy.create_engine oracledb cx_Oracle pyodbc snowflake clickhouse_driver kaggle kagglehub gdown wget "
        "pycurl tweepy praw slack_sdk telegram twilio sendgrid feedparser yfinance pandas_datareader wikipedia "
        "wikipediaapi pytube yt_dlp huggingface_hub nltk.download wandb comet_ml neptune asyncio.open_connection "
        "asyncio.start_server asyncio.open_unix_connection gensim.downloader datasets.load_dataset "
        "sklearn.datasets.fetch_openml sklearn.datasets.fetch_california_housing sklearn.datasets.fetch_20newsgroups "
        "sklearn.datasets.fetch_lfw_people sklearn.datasets.fetch_covtype sklearn.datasets.fetch_olivetti_faces "
        "seaborn.load_dataset torch.hub vega_datasets ucimlrepo pandas.read_gbq gspread pika kafka paho zmq grpc dns "
        "whois scapy ssl.get_server_certificate smart_open "
    ),
    "deletes": (
        "os.remove os.unlink os.rmdir os.removedirs os.rename os.renames os.replace os.truncate shutil.rmtree "
        "shutil.move send2trash "
    ),
    "code": (
        "exec eval compile runpy code.interact code.InteractiveInterpreter code.InteractiveConsole "
        "importlib.util.spec_from_file_location importlib.machinery.SourceFileLoader imp.load_source execfile "
        "timeit.timeit timeit.repeat pickle.load pickle.loads pickle.Unpickler dill.load dill.loads cloudpickle.load "
        "cloudpickle.loads joblib.load "
    ),
    "writes": (
        "os.makedirs os.mkdir os.link os.symlink os.chmod os.chown os.mkfifo os.utime os.write shutil.copy shutil.copy2 "
        "shutil.copyfile shutil.copytree shutil.copymode shutil.make_archive shutil.unpack_archive shutil.chown "
        "shelve.open dbm.open numpy.save numpy.savez numpy.savez_compressed numpy.savetxt logging.FileHandler "
        "logging.handlers cv2.imwrite cv2.VideoWriter imageio.imwrite scipy.io.savemat scipy.io.wavfile.write "
        "pandas.ExcelWriter pandas.HDFStore joblib.dump torch.save sqlite3.connect duckdb.connect tinydb.TinyDB "
        "xlsxwriter.Workbook pyarrow.parquet.write_table "
    ),
}
"""Modules, and functions of others, by what their calls do."""
MODULES = {name: kind for kind, names in NAMED.items() for name in names.split()}

ROOTS = frozenset(name.partition(".")[0] for name in MODULES) - {"exec", "eval", "compile"}
"""Names that most likely stand for the module of that name where nobody tells."""

OF_OS = re.compile(r"os\.(?:system|popen\w*|exec\w+|spawn\w+|posix_spawn\w*|fork\w*|kill|killpg|startfile|_exit|abort)")
QUIET = re.compile("|".join((
    r"requests\.(?:exceptions|codes|utils|structures|Request|Session|session|adapters|auth)\b.*",
    r"urllib3\.(?:disable_warnings|exceptions|util)\b.*",
    r"socket\.(?:gethostname|socket|timeout|AF_\w+|SOCK_\w+|inet_\w+|[hn]to[nh][sl])",
    r"httpx\.(?:Client|AsyncClient|Timeout|Limits|codes|URL)",
    r"aiohttp\.(?:ClientSession|ClientTimeout|\w*Error)",
    r"(?:openai|anthropic|cohere|replicate)\.[A-Z]\w*",
    r"boto3\.(?:client|resource|Session)",
    r"http\.client\.(?:\w*Exception|responses|HTTPS?Connection)",
    r"multiprocessing\.(?:cpu_count|current_process|freeze_support|set_start_method|get_start_method)",
    r"subprocess\.(?:\w+Error|TimeoutExpired|PIPE|STDOUT|DEVNULL|list2cmdline)",
    r"ctypes\.(?:c_\w+|sizeof|Structure|POINTER|byref|create_\w+_buffer)",
    r"yfinance\.Ticker|webbrowser\.get|posix\.(?:getpid|getcwd|path|stat|listdir)",
)))
"""What of them reaches nothing yet."""

CONNECTED = re.compile(
    r"(?:.*\.)?(?:[A-Z]\w*|client|resource|connect|create_engine|session|socket|create_connection|login|build)\(\)"
)
"""What gives a way to the network, rather than an answer from there."""
IDLE = frozenset({"close", "update", "mount", "settimeout", "setblocking", "setsockopt", "add", "register"})
"""Calls on a connection that send nothing."""

WITH_ADDRESS = re.compile(
    r"read\w*|scan\w*|open\w*|load\w*|imread|get\w*|fetch\w*|download\w*|csv|json|parquet|text|connect\w*|create_engine"
    r"|genfromtxt|ExcelFile|VideoCapture|from_\w+|post|put|patch|delete|head|request|urlretrieve|to_\w+|\w*Client|copy\w*"
    r"|Repo|clone\w*|write\w*|save"
)
"""Calls that, with an address as an argument, go there."""
ADDRESS = re.compile(
    r"(?:https?|s?ftp|ftps|s3a?|gs|gcs|hdfs|abfss?|wss?|ssh|git|postgres\w*|mysql\S*|mongodb\S*|redis\w*|mssql\S*|oracle\S*)://",
    re.IGNORECASE,
)

TO_FILE = re.compile(
    r"to_(?:csv|excel|json|parquet|pickle|html|feather|hdf|stata|file|latex|markdown|xml|orc|netcdf|zarr|gbq|sql|string)"
)
"""Methods that write where they are given a place, and return a text else."""
INTO = frozenset({"path", "path_or_buf", "buf", "fname", "excel_writer", "filename", "path_or_bytes", "store", "file"})
SAVES = re.compile(
    r"savefig|imsave|save|save_\w+|sink_\w+|export_\w*graph\w*|tofile"
    r"|write_(?:text|bytes|html|image|json|csv|parquet|excel|ipc|ndjson|table|file|gml|graphml|gexf|\w*pickle|video\w*)"
)
MAKES = frozenset({"mkdir", "touch", "symlink_to", "hardlink_to", "chmod"})
REMOVES = frozenset({"unlink", "rmdir", "rmtree"})
MOVES = frozenset({"rename", "replace"})
"""Methods of paths; many other things have some of that name."""
OPENS = re.compile(
    r"(?:(?:io|codecs|gzip|bz2|lzma|tarfile|fsspec|aiofiles)\.|os\.fd)?open|zipfile\.ZipFile|io\.FileIO|gzip\.GzipFile"
    r"|h5py\.File|netCDF4\.Dataset|tables\.open_file|numpy\.memmap"
)
WRITING = re.compile(r"(?=.*[wax+])[rwaxbtU+]{1,4}(?:[:|](?:gz|bz2|xz|\*)?)?")
"""Modes."""
IN_MEMORY = re.compile(r"io\.(?:StringIO|BytesIO)\(\)|sys\.(?:__)?std(?:out|err)(?:__)?\b|tempfile\.\w+\(\)")
PATH = re.compile(
    r"pathlib\.\w*Path(?:\(\)|\.(?:cwd|home|resolve|absolute|expanduser|with_\w+|joinpath|r?glob|iterdir)\(\)|\.parents?)*"
)

RUNS_TEXT = frozenset({"exec", "eval", "compile", "timeit.timeit", "timeit.repeat"})
DATABASES = frozenset({"sqlite3.connect", "duckdb.connect"})
RUNS_SQL = frozenset({"execute", "executemany", "executescript", "sql"})
READS_SQL = re.compile(r"\s*(?:select|pragma|with|explain|describe|show)\b", re.IGNORECASE)
CONTROLS = frozenset(
    {"map", "starmap", "submit", "start", "kill", "terminate", "apply", "apply_async", "send_signal", "imap"}
)
"""Calls on a process or a pool of them that start or stop one."""
OF_IPYTHON: dict[str, Kind] = {
    **dict.fromkeys(("run_cell", "run_line_magic", "run_cell_magic", "ex", "ev", "run_code", "magic", "safe_execfile"), "code"),
    **dict.fromkeys(("system", "getoutput", "getoutput_split"), "programs"),
}

SHELL_MAGICS = frozenset(
    {"pip", "conda", "mamba", "micromamba", "uv", "system", "sx", "sc", "bash", "sh", "script", "!", "ruby", "perl", "pypy"}
    | {"node", "cmd", "powershell", "rm", "mv", "cp", "mkdir", "rmdir", "kaggle"}
)
RUNS_FILES = frozenset({"run", "load", "rerun", "macro", "recall", "edit"})
NETWORK_MAGICS = frozenset({"sql", "bigquery", "spark"})
HARMLESS = magics.RUNS_ITS_BODY | {"html", "HTML", "markdown", "latex", "svg", "javascript", "js"}
"""Cell magics; any other hands its body to a program."""
BARE = re.compile(r"(?:pip3?|conda|mamba|git|wget|curl|rm|mv|cp|mkdir|sudo|apt(?:-get)?)\s+\S")
"""A command that IPython takes without its mark, in a cell that is no Python."""
# fmt: on

SAID: dict[Kind, str] = {
    "programs": "starts or stops programs",
    "network": "uses the network",
    "deletes": "deletes or moves files",
    "code": "runs code from a text or a file",
    "writes": "writes files",
}
"""Each kind, as the end of a sentence."""


@dataclass(frozen=True)
class Reach:
    """One thing that a cell does outside of the notebook."""

    kind: Kind
    what: str
    """The name or the line that does it, as the cell spells it."""
    file: str = ""
    """What is written, if the text tells."""


@lru_cache(maxsize=4)
def names_in(notebook: Notebook) -> Names:
    """Return what names stand for after all cells of a notebook, in its order."""
    return names_of(cell.source for cell in notebook.code)


def reaches(source: str, names: Names) -> tuple[Reach, ...]:
    """Return what a cell does outside of the notebook where names stand for what they do; never raises."""
    found = [*_of_lines(source)]
    tree = magics.parse(source)
    if tree is None:
        bare = [line.strip() for line in source.splitlines() if BARE.match(line.strip())]
        return (*found, *(Reach("programs", line) for line in bare))
    own = names.copy()
    try:
        own.learn(source)
        found += _Reading(own).run(tree)
    except RecursionError:
        found.append(Reach("code", "an expression too deep to read"))
    return tuple(dict.fromkeys(found))


def reaches_out(source: str, names: Names) -> str | None:
    """Say what a cell does outside of the notebook: `uses the network`, `writes sales.csv`; None for nothing."""
    if magics.too_large(source):
        return "is too large to be looked through"
    found = reaches(source, names)
    return said(found) if found else None


def said(found: Sequence[Reach]) -> str:
    """Return the gravest of what was found, as the end of a sentence."""
    for kind, words in SAID.items():
        mine = [each for each in found if each.kind == kind]
        if files := sorted({each.file for each in mine if each.file}):
            return f"writes {', '.join(files[:3])}"
        if kind == "programs" and mine and mine[0].what.startswith(("!", "%")):
            return "starts programs"
        if mine:
            return words
    return ""


def module_kind(path: str) -> Kind | None:
    """Return what calls of a module or function do, if the vocabulary has it."""
    return None if QUIET.fullmatch(path) else _listed(path)


def _listed(path: str) -> Kind | None:
    if OF_OS.fullmatch(path):
        return "programs"
    parts = path.split(".")
    return next((MODULES[name] for n in range(len(parts), 0, -1) if (name := ".".join(parts[:n])) in MODULES), None)


def _of_lines(source: str) -> Iterator[Reach]:
    """What magics and shell lines do."""
    lines = magics.escaped_lines(source)
    for place, line in enumerate(lines):
        command = re.sub(r"^[\w.,\[\]'\" \t*]*=\s*(?=[%!])", "", line)
        if re.match(r"%%(?:writefile|file)\b", command):
            yield Reach("writes", "%%writefile", command.rpartition(" ")[2].rpartition("/")[2])
            return
        name = re.match(r"(%{1,2}|!)\s*([\w!]*)", command)
        if name is None:
            continue
        if name[1] == "!" or name[2] in SHELL_MAGICS or re.match(r"%\w+\s+(?:-\S+\s+)*!", command):
            yield Reach("programs", line)
        elif name[2] in RUNS_FILES:
            yield Reach("code", line)
        elif name[2] in NETWORK_MAGICS:
            yield Reach("network", line)
        elif name[1] == "%%" and place == 0 and name[2] not in HARMLESS:
            yield Reach("programs", line)
        if name[1] == "%%" and name[2] not in magics.RUNS_ITS_BODY:
            return


class _Reading:
    """What the code of a cell does that runs when the cell does; a function's body, where it is used."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self._inside: set[str] = set()

    def run(self, *trees: ast.AST) -> Iterator[Reach]:
        """Read what runs."""
        work = list(trees)
        while work:
            node = work.pop()
            if isinstance(node, FUNCTIONS):
                work += [*node.decorator_list, *node.args.defaults, *filter(None, node.args.kw_defaults)]
                continue
            if isinstance(node, ast.ClassDef):
                work += [*node.decorator_list, *node.bases]
                work += [each for each in node.body if not isinstance(each, FUNCTIONS)]
                continue
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
                continue
            if isinstance(node, ast.Call):
                yield from self._call(node)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                yield from self._used(node.id)
            work += ast.iter_child_nodes(node)

    def _used(self, name: str) -> Iterator[Reach]:
        """A function or class of the notebook's own is used: what its body does may happen."""
        body = self.names.bodies.get(name)
        if body is None or name in self._inside or len(self._inside) > 40:
            return
        self._inside.add(name)
        if isinstance(body, ast.ClassDef):
            methods = [each for each in body.body if isinstance(each, FUNCTIONS)]
            yield from self.run(*(part for each in methods for part in each.body))
        elif isinstance(body, FUNCTIONS):
            yield from self.run(*body.body)
        elif isinstance(body, ast.Lambda):
            yield from self.run(body.body)

    def _call(self, call: ast.Call) -> Iterator[Reach]:
        path = self.names.path(call.func)
        tail = str(getattr(call.func, "attr", "") or getattr(call.func, "id", "") or path.rpartition(".")[2])
        given = [*call.args, *(each.value for each in call.keywords)]
        for each in given:  # `map(os.remove, files)`, `Thread(target=os.system)`
            handed = self.names.path(each) if isinstance(each, (ast.Name, ast.Attribute)) else ""
            if handed and "()" not in handed and not handed.rpartition(".")[2][:1].isupper():
                yield from self._function(handed, handed.rpartition(".")[2], None)
        yield from self._function(path, tail, call)

    def _function(self, path: str, tail: str, call: ast.Call | None) -> Iterator[Reach]:
        kind = self._kind(path, tail, call)
        if kind == "writes":
            yield Reach(kind, tail, self._file(call))
        elif kind is not None:
            yield Reach(kind, tail)

    def _kind(self, path: str, tail: str, call: ast.Call | None) -> Kind | None:
        if path and (kind := self._of_path(path, tail, call)):
            return kind
        if call is None:
            return None
        if self._to_address(call, tail, path):
            return "network"
        if self._computed(call, path):
            return "code"
        return self._by_method(call, path, tail)

    def _of_path(self, path: str, tail: str, call: ast.Call | None) -> Kind | None:
        """What a call of something known does."""
        root, made, _ = path.partition("()")
        if made:
            return self._of_made(root, path, tail, call)
        kind = module_kind(path)
        if path in RUNS_TEXT and call is not None and call.args and not _may_be_code(call.args[0]):
            return None
        if path in DATABASES and call is not None and call.args and self.names.text(call.args[0]) in (":memory:", ""):
            return None
        return kind

    def _of_made(self, root: str, path: str, tail: str, call: ast.Call | None) -> Kind | None:
        """What a call does on something that another call has made: a session, a process, a connection."""
        kind = _listed(root)
        if root == "get_ipython":
            return OF_IPYTHON.get(tail)
        if root in DATABASES:
            sql = self.names.text(call.args[0]) if call and call.args else None
            changes = tail == "commit" or (tail in RUNS_SQL and not READS_SQL.match(sql or ""))
            return "writes" if changes else None
        if kind == "network":
            return kind if CONNECTED.fullmatch(f"{path.rpartition('()')[0]}()") and tail not in IDLE else None
        return kind if kind == "programs" and tail in CONTROLS else None

    def _to_address(self, call: ast.Call, tail: str, path: str) -> bool:
        if not WITH_ADDRESS.fullmatch(tail) or path.startswith(("re.", "urllib.parse.", "json.", "IPython.")):
            return False
        texts = (self.names.text(each) for each in (*call.args, *(each.value for each in call.keywords)))
        return any(ADDRESS.match(text) for text in texts if text)

    def _computed(self, call: ast.Call, path: str) -> bool:
        """`getattr(os, name)`, `__import__(name)`: a name of what reaches out that the text does not tell."""
        if path in IMPORTERS:
            return bool(call.args) and self.names.text(call.args[0]) is None
        if path != "getattr" or len(call.args) < 2 or self.names.text(call.args[1]) is not None:
            return False
        owner = self.names.path(call.args[0])
        return owner in ("os", "shutil", "builtins", "__builtins__", "sys") or module_kind(owner) is not None

    def _by_method(self, call: ast.Call, path: str, tail: str) -> Kind | None:
        """What a method does, whatever it is called on, and what `open` does by its mode."""
        owner = self.names.path(call.func.value) if isinstance(call.func, ast.Attribute) else ""
        values = [*call.args, *(each.value for each in call.keywords)]
        if any(IN_MEMORY.match(self.names.path(each)) for each in values) or IN_MEMORY.match(owner):
            return None
        method = isinstance(call.func, ast.Attribute)
        if tail == "open" or OPENS.fullmatch(path):
            return "writes" if self._opens_for_writing(call, method and not OPENS.fullmatch(path)) else None
        if not method:
            return "writes" if SAVES.fullmatch(tail) and tail not in ("save",) and path else None
        if tail in REMOVES:
            return "deletes"
        if tail in MOVES:
            return "deletes" if PATH.fullmatch(owner) else None
        if TO_FILE.fullmatch(tail):
            place = bool(call.args) or any(each.arg in INTO for each in call.keywords)
            return "writes" if place else None
        if tail == "dump":
            return "writes" if len(values) > 1 else None
        if tail in ("extractall", "extract"):
            return "writes" if owner.startswith(("zipfile.", "tarfile.")) else None
        if tail in MAKES or SAVES.fullmatch(tail):
            return "writes"
        if tail in ("write", "writelines"):
            return "writes" if OPENS.fullmatch(owner.removesuffix("()")) else None
        return "network" if tail == "from_pretrained" else None

    def _opens_for_writing(self, call: ast.Call, method: bool) -> bool:
        """By the mode: for `open` its second argument, for a path's method the first."""
        modes = [each.value for each in call.keywords if each.arg == "mode"] or call.args[0 if method else 1 :][:1]
        if not modes:
            return False
        mode = self.names.text(modes[0])
        if mode is None:
            return not isinstance(modes[0], ast.Constant)
        return bool(WRITING.fullmatch(mode))

    def _file(self, call: ast.Call | None) -> str:
        """The base name of the file that a call names."""
        for node in ast.walk(call) if call else ():
            text = self.names.text(node) if isinstance(node, (ast.Constant, ast.Name)) else None
            if text and (found := re.search(r"[^\s/\\]+\.\w{1,8}$", text)):
                return found[0]
        return ""


def _may_be_code(node: ast.AST) -> bool:
    """Whether something may be a text to run: `timeit.timeit(lambda: f())` has none."""
    return not isinstance(node, ast.Lambda)
