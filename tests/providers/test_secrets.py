"""What is found as a secret, by cause: shapes that the corpus does not have, texts made to stall it, personal data."""

from __future__ import annotations

import ast
import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_notebook_ls.providers.redaction import SecretRedactor
from ai_notebook_ls.providers.secrets import find
from ai_notebook_ls.providers.secrets.places import spans
from ai_notebook_ls.settings import load

R = "k9Xw2LmQ7v" + "Tz4RbN8pYc"  # as a generator would make it
SHAPES = [
    ('os.environ["DB_PASSWORD"] = "tulip"', "tulip"),
    ('for user, pw in [("bob", "Tulip99"), ("al", "Rose77x")]: login(user, pw)', "Rose77x"),
    ('if (pw := "Tulip99") and x: pass', "Tulip99"),
    ('conn = pymysql.connect("localhost", "root", "Tulip99", "shop")', "Tulip99"),
    ('ssh.connect("host", 22, "me", "Tulip99")', "Tulip99"),
    ('cx_Oracle.connect("scott/Tulip99@dbhost:1521/orcl")', "Tulip99"),
    ('smtp.login("me@x.org", "abcd efgh ijkl mnop")', "abcd efgh ijkl mnop"),
    ('s.auth = "me", "p:w/x"', "p:w/x"),
    ('pd.read_sql(q, "mssql+pyodbc://sa:Tu!ip@99@srv/db?driver=x")', "Tu!ip@99"),
    ('create_engine("postgresql+psycopg2://me:a/b@c#d@db:5432/x")', "a/b@c#d"),
    ('c = "DRIVER={ODBC Driver 17};SERVER=x;UID=sa;PWD={Tu;lip};"', "Tu;lip"),
    ("!curl -u me:Tulip99 https://x", "Tulip99"),
    ("%env DB_PASSWORD Tulip99", "Tulip99"),
    ("%%bash\nmysql -uroot -pTulip99 x", "Tulip99"),
    ('subprocess.run(["mysql", "--password", "Tulip99"])', "Tulip99"),
    ('parser.add_argument("--api-key", default="Tulip99x")', "Tulip99x"),
    ('@dataclass\nclass C:\n    password: str = field(default="tulip")', "tulip"),
    ('password = os.getenv("PW") or "tulip"', "tulip"),
    ('password = ("tulip"\n            "-rose9")', "-rose9"),
    ('password = "".join(["tul", "ip9"])', "ip9"),
    ('key = "sk-abcdefghij" + "klmnop1234567890"', "klmnop1234567890"),
    ("password = b'tulip'", "tulip"),
    ('password = f"tulip{n}"', "tulip"),
    ('df = foo(\npassword = "tulip"', "tulip"),
    ('def f(:\n    if pw == "tulip":\n        x', "tulip"),
    ('---> 12 password = "tulip"', "tulip"),
    ("-token = 3\n+password = 'tulip'", "tulip"),
    ("FATAL: password authentication failed (password=Tulip99, host=x)", "Tulip99"),
    ("user: me\npassword: tulip\nhost: x", "tulip"),
    ("DB_USER=me\nDB_PASSWORD=tulipan\nX=1", "tulipan"),
    ("passwort = 'tulpe'", "tulpe"),
    ("пароль = 'тюльпан'", "тюльпан"),
    ("cfg['mot de passe'] = 'tulipe'", "tulipe"),
    (f"x = '{R}'", R),
    (f"client = Client('{R}')", R),
    ("jwt.encode(p, 'tulip', algorithm='HS256')", "tulip"),
    ("keyring.set_password('svc', 'me', 'tulip')", "tulip"),
    ("def get_password():\n    return 'tulip'", "tulip"),
    ("match password:\n    case 'tulip': x()", "tulip"),
    ("user, password = 'me:tulip'.split(':')", "me:tulip"),
    ("CREATE USER me IDENTIFIED BY 'tulip9'", "tulip9"),
    ("<password>tulip9</password>", "tulip9"),
    ('{"name": "DB_PASSWORD", "value": "tulip9"}', "tulip9"),
    ('psycopg2.connect("dbname=shop user=me password=tulipan host=x")', "tulipan"),
    ('psycopg2.connect(f"dbname={name} password=tulipan")', "tulipan"),
    ("# password: tulipan\nx = 1", "tulipan"),
    ('Bot("110201543:AAHd" + "qTcvCH1vGWJxfSeofSAs0K5PALDsaw")', "qTcvCH1vGWJxfSeofSAs0K5PALDsaw"),
]
INNOCENT = [
    'api_key_header = "X-API-Key"',
    "pwd = !pwd",
    "x = 1  # call it with password=secret, user=name",
    'df.rename(columns={"pwd": "password"})',
    'status = {"pass": "green", "fail": "red"}',
    "password = getpass('Password: ')",
    "password = st.text_input('Password', type='password')",
    "vectorizer = TfidfVectorizer(token_pattern=r'(?u)\\b\\w+\\b')",
    "model = load('Llama-3.1-8B-Instruct-Q4_K_M.gguf')",
    "url = 'https://localhost:8888/users/@me'",
    "def f(password: str, token: str | None = None): ...",
    "connect(password=settings.password, token=get_token())",
    "f'Bearer {self.token}'",
    "raise ValueError('Password must have 8 characters or more')",
    "smiles = 'CC1=CC2C3N4C5OC6=N7C8=CC9'",
]
KEY = "-----BEGIN PRIVATE KEY-----\n" + (R * 4)[:64] + "\n" + (R[::-1] * 4)[:64] + "\n-----END PRIVATE KEY-----"
LINES = KEY.split("\n")


@pytest.mark.parametrize(("text", "secret"), SHAPES)
def test_it_is_found(text: str, secret: str) -> None:
    assert secret not in SecretRedactor().redacted(text)


@pytest.mark.parametrize("text", INNOCENT)
def test_it_is_none(text: str) -> None:
    assert SecretRedactor().redacted(text) == text


@pytest.mark.parametrize("text", [text for text, _ in SHAPES])
def test_code_stays_code_and_comes_back(text: str) -> None:
    redactor = SecretRedactor()
    cleaned = redactor.redacted(text)
    assert redactor.restore(cleaned, text) == text
    try:
        ast.parse(text)
    except SyntaxError:
        return
    if "=tulipan" not in text and not text.startswith("user: "):  # .env and YAML that happen to parse
        ast.parse(cleaned)


@pytest.mark.parametrize("end", ["", "\n"])
@pytest.mark.parametrize("part", [LINES[:3], LINES[:2], LINES[1:], LINES[2:], [LINES[0], *LINES[2:]]])
def test_what_is_left_of_a_key_is_found(part: list[str], end: str) -> None:
    text = "\n".join(part) + end
    for shown in (text, text.replace("\n", "\\n"), f'x = 1\nkey = """{text}'):
        left = SecretRedactor().redacted(shown)
        assert not any(line in left for line in LINES[1:3]), left


def test_a_short_secret_does_not_break_other_words() -> None:
    redactor = SecretRedactor()
    assert "tulips = 3" in redactor.redacted("password = 'tulip'\ntulips = 3")
    assert redactor.redacted("tulips = 4") == "tulips = 4"


def test_secrets_that_overlap_leave_no_part() -> None:
    found = {"abcdefgh": "one", "efghijklmn": "two", "xyz": "three", "uvw": ""}
    text = "-abcdefghijklmn_xyz uvwx xyzzy"
    assert [(text[start:end], kind) for start, end, kind in spans(text, found)] == [
        ("abcdefghijklmn", "two"),
        ("xyz", "three"),
        ("xyz", "three"),
    ], "a short one is a part of words where it is never a word"
    assert [start for start, _, kind in spans("x.xyz " + text, found) if kind == "three"] == [2]


PERSONAL = ["ada@example.org", "4111 1111 1111 1111", "DE89 3704 0044 0532 0130 00", "+44 20 7946 0958"]


@pytest.mark.parametrize("text", PERSONAL)
def test_personal_data_is_a_setting(text: str) -> None:
    settings, problems = load({"AI_NOTEBOOK_LS_HIDE_PERSONAL": "true"}, None)
    assert not problems
    cell = f"customer = '{text}'  # 1234 5678 9012 3456"
    assert SecretRedactor(load({}, None)[0].provider.hide_personal).redacted(cell) == cell
    hidden = SecretRedactor(settings.provider.hide_personal).redacted(cell)
    assert text not in hidden
    assert hidden.endswith("# 1234 5678 9012 3456"), "no card number has these digits"


HOSTILE = [
    *(
        "a",
        "://",
        '"',
        "'",
        "\\",
        '\\"',
        "://a:",
        "://a:@",
        "password=",
        "password: ",
        "eyJ",
        "sk-",
        "cookie=",
        'token = "',
        "-p ",
    ),
    *(
        '"""x',
        "-----BEGIN PRIVATE KEY-----\n",
        "PuTTY-User-Key-File-2:",
        "(",
        "a@",
        "1",
        'token = "\n',
        "+1 ",
        "MIIEvIBA",
    ),
]


def test_no_text_stalls_it() -> None:
    """In a process of its own, with a limit on its processor time: what takes the square of a length would take hours."""
    code = (
        "import json, resource, sys\n"
        "from ai_notebook_ls.providers.secrets import find\n"
        "resource.setrlimit(resource.RLIMIT_CPU, (30, 30))\n"
        "for text in json.loads(sys.stdin.read()):\n"
        "    sum(1 for _ in find(text * (100_000 // len(text)), True))\n"
    )

    subprocess.run([sys.executable, "-c", code], input=json.dumps(HOSTILE), text=True, check=True)


@given(st.text(alphabet="pasword=:'\"\\(){}[]\n #-+fb/@.1", max_size=120))
def test_any_text_is_read(text: str) -> None:
    for _, secret in find(text, True):
        assert secret
