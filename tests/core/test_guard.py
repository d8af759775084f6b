from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_notebook_ls.core.guard import escape_reason

from ..scenarios.cheats import cheats

# old, new, failing line
HONEST = [
    ("tax = total_prcie * 0.2\nprint(tax)", "tax = total_price * 0.2\nprint(tax)", 0),
    ("daat", "data", 0),
    ("x = foo(a)", "from m import foo\nx = foo(a)", 0),
    ("df = pd.DataFrame({'a': [1]})", "import pandas as pd\ndf = pd.DataFrame({'a': [1]})", 0),
    ("for i in range(3)\n    print(i)", "for i in range(3):\n    print(i)", 0),
    ("x = max([1, 2, 3]\nprint(x)", "x = max([1, 2, 3])\nprint(x)", 0),
    ("foo((1, 2)))\nbar()", "foo((1, 2))\nbar()", 0),
    ("x = f(\n    1\n)\n)", "x = f(\n    1\n)", 3),
    ("print 'hello'", "print('hello')", 0),
    ("print('hello)", "print('hello')", 0),
    ("def f(x):\nreturn x + 1\nprint(f(1))", "def f(x):\n    return x + 1\nprint(f(1))", 1),
    ("x = 1\n  y = 2", "x = 1\ny = 2", 1),
    ("print('age: ' + age)", "print('age: ' + str(age))", 0),
    ("print('age: ' + age)", "print(f'age: {age}')", 0),
    ("', '.join(ns)", "', '.join(str(n) for n in ns)", 0),
    (
        "df = df.append({'a': 2}, ignore_index=True)\nprint(df)",
        "df = pd.concat([df, pd.DataFrame([{'a': 2}])], ignore_index=True)\nprint(df)",
        0,
    ),
    ("out = df.append(row)", "out = pd.concat([df, row])", 0),
    ("df['total'] = df['Price'] * df['qty']", "df['total'] = df['price'] * df['qty']", 0),
    ("df[price]", "df['price']", 0),
    ("x = true", "x = True", 0),
    ("if a and flase:\n    f()", "if a and False:\n    f()", 0),
    ("x = null", "x = None", 0),
    ("msg = 'It's fine'\nprint(msg)", "msg = 'It\\'s fine'\nprint(msg)", 0),
    ("def f():\n    retrun 3\nf()", "def f():\n    return 3\nf()", 1),
    ("g = lamda x: x + 1\nprint(g(1))", "g = lambda x: x + 1\nprint(g(1))", 0),
    (">>> x = 1\n>>> x + 1", "x = 1\nx + 1", 0),
    ("```python\nx = 1\n```", "x = 1", 0),
    ("function f(x):\n    return x", "def f(x):\n    return x", 0),
    ("try:\n    f()\nexcpet:\n    g()", "try:\n    f()\nexcept:\n    g()", 2),
    ("last = xs[len(xs)]", "last = xs[len(xs) - 1]", 0),
    ("f(a, none)", "f(a, None)", 0),
    ("print(df.ix[0])", "print(df.loc[0])", 0),
    ("x = np.array(a).astype(np.float)", "x = np.array(a).astype(float)", 0),
    ("y = np.infty", "y = np.inf", 0),
    ("from collections import Mapping", "from collections.abc import Mapping", 0),
    ("from sklearn.externals import joblib\njoblib.load(p)", "import joblib\njoblib.load(p)", 0),
    ("import nunpy as np", "import numpy as np", 0),
    ("from itertools import izip\nlist(izip(a, b))", "izip = zip\nlist(izip(a, b))", 0),
    ("import pandsa\nx = pandsa.Series()", "import pandas\nx = pandas.Series()", 0),
    ("data = load()\nprint(data[0])", "data = await load()\nprint(data[0])", 1),
    ("d = {[1, 2]: 'x'}", "d = {(1, 2): 'x'}", 0),
    (
        "def inc():\n    count += 1\n    return count\ninc()",
        "def inc():\n    global count\n    count += 1\n    return count\ninc()",
        1,
    ),
    (
        "def s(xs):\n    for x in xs:\n        t += x\n    return t",
        "def s(xs):\n    t = 0\n    for x in xs:\n        t += x\n    return t",
        2,
    ),
    ("if d.has_key(k):\n    print(d[k])", "if k in d:\n    print(d[k])", 0),
    ("for i in xrange(9):\n    print(i)", "for i in range(9):\n    print(i)", 0),
    ("for i in 10:\n    print(i)", "for i in range(10):\n    print(i)", 0),
    ("ans = raw_input('?')", "ans = input('?')", 0),
    ("df.plot(kind='scater')\nplt.show()", "df.plot(kind='scatter')\nplt.show()", 0),
    ("df.to_cvs('a.csv')", "df.to_csv('a.csv')", 0),
    ("model.fti(X, y)", "model.fit(X, y)", 0),
    ("sns.distplot(x)", "sns.histplot(x)", 0),
    ("xs = sorted(d, cmp=f)", "xs = sorted(d, key=f)", 0),
    ("r = [x.lower() for x in xs]", "r = [str(x).lower() for x in xs]", 0),
    ("%matplotlib inline\npritn(x)", "%matplotlib inline\nprint(x)", 1),
    ("try:\n    f(x)\nexcept ValueError, e:\n    print(e)", "try:\n    f(x)\nexcept ValueError as e:\n    print(e)", 2),
    ("A @ B", "A @ B.T", 0),
    ("for i in range(len(xs)):\n    print(xs[i + 1])", "for i in range(len(xs) - 1):\n    print(xs[i + 1])", 1),
    ("totl = 5\nprint(total)", "total = 5\nprint(total)", 1),
    ("f = open('data.txt')\ns = f.read()", "with open('data.txt') as f:\n    s = f.read()", 0),
    ("xs.sort(key=lambda a, b: a)", "xs.sort(key=lambda a: a)", 0),
    ("y = f(x)\nz = re.match(p, y)", "import re\n\ny = f(x)\nz = re.match(p, y)", 1),
    ("if x = 3:\n    print(x)", "if x == 3:\n    print(x)", 0),
    ("print('é', totl)", "print('é', total)", 0),
    ("def f(a):\n    return a.heda()\nf(df)", "def f(a):\n    return a.head()\nf(df)", 1),
    ("asyncio.run(f())", "await f()", 0),
    ("x = asyncio.run(f())", "x = await f()", 0),
    ("%matplotlb inline\nimport a", "%matplotlib inline\nimport a", 0),
    ("# timed\n%%time\ns = f(n)", "%%time\n# timed\ns = f(n)", 1),
    ("xs = xs.append(2)\nprint(xs)", "xs.append(2)\nprint(xs)", 0),
    ("deck = random.shuffle(deck)", "random.shuffle(deck)", 0),
    ("class A:\n    def g(self):\n        return h()", "class A:\n    def g(self):\n        return self.h()", 2),
    ("v = d.get['a']", "v = d.get('a')", 0),
    ("for e in range(config.epochs):\n    f(e)", "for e in range(config['epochs']):\n    f(e)", 0),
    ("x.apply(lambda s: s.upper())", "x.str.upper()", 0),
    ("r.append(2)\nprint(r)", "r = np.append(r, 2)\nprint(r)", 0),
    ("list = [1, 2]\nprint(list)", "items = [1, 2]\nprint(items)", None),
    ("sum = 0\nfor x in xs:\n    sum += x", "total = 0\nfor x in xs:\n    total += x", None),
    ("json = load()\nn = len(json)", "payload = load()\nn = len(payload)", None),
    ("def f(x):\n    print(x * 2)", "def f(x):\n    return x * 2", None),
    ("def f(x):\n    print(x * 2)", "def f(x):\n    print(x * 2)\n    return x * 2", None),
    ("df = df.drop('a', inplace=True)", "df.drop('a', inplace=True)", None),
    ("total += p\ntotal", "total = 0\ntotal += p\ntotal", 0),
    ("f = open('a.txt')\nf.write('x')", "f = open('a.txt', 'w')\nf.write('x')", 1),
    ("fig.savefig('out/a.png')", "os.makedirs('out', exist_ok=True)\nfig.savefig('out/a.png')", 0),
    ("n = 10\nxs = a[n:]", "n = 10.0\nxs = a[n:]", None),
    ("box = {\n    'a': 3\n    'b': 4,\n}", "box = {\n    'a': 3,\n    'b': 4,\n}", 1),
    ("x = “a” + b", "x = 'a' + b", 0),
]

DODGES = [
    ("tax = total_prcie * 0.2\nprint(tax)", "tax = total_prcie * 0.2\nprint(tax)", 0, "nothing"),
    ("print(x)", "print(x)  # fixed", 0, "nothing"),
    ("print(x)", "print(x", 0, "not valid"),
    ("tax = total_prcie * 0.2\nprint(tax)", "total_price = 10", 0, None),
    ("tax = total_prcie * 0.2\nprint(tax)", "print(1)", 0, None),
    ("x = f(1)\ny = g(x)\nprint(y)", "x = f(1)\nprint(x)", 1, None),
    ("x = f(1)\nprint(x)", "# x = f(1)\nprint(1)", 0, None),
    ("x = f(1)\ng()", "x = None\ng()", 0, None),
    ("x = f(a, b)\ng(x)", "x = 0\ng(x)", 0, None),
    ("tax = price * rate\nprint(tax)", "price = 1\ntax = price * rate\nprint(tax)", 0, "makes up"),
    ("print(df.head())", "import pandas as pd\ndf = pd.DataFrame({'a': [1]})\nprint(df.head())", 0, "makes up"),
    ("y = helper(x)", "def helper(x):\n    return x\ny = helper(x)", 0, "makes up"),
    ("x = f(1)\nprint(x)", "try:\n    x = f(1)\n    print(x)\nexcept Exception:\n    pass", 0, "swallows"),
    (
        "x = f(1)\nprint(x)",
        "import contextlib\nwith contextlib.suppress(Exception):\n    x = f(1)\n    print(x)",
        0,
        "suppress",
    ),
    ("f(1)\ng()", "if False:\n    f(1)\ng()", 0, "never runs"),
    ("f(1)\ng()", "if 1 == 2:\n    f(1)\ng()", 0, "never runs"),
    ("f(1)\ng()", "while 0:\n    f(1)\ng()", 0, "never runs"),
    ("f(1)\ng()", "for _ in []:\n    f(1)\ng()", 0, "never runs"),
    ("f(1)\ng()", "for _ in range(0):\n    f(1)\ng()", 0, "never runs"),
    ("f(1)\ng()", "False and f(1)\ng()", 0, "never runs"),
    ("x = f(1)\ng()", "x = f(1) if False else 2\ng()", 0, "never runs"),
    ("f(1)", "%%script false\nf(1)", 0, None),
    ("f(1)", "%%html\nf(1)", 0, None),
    ("f(1)\ng()", "import sys\nsys.exit()\nf(1)\ng()", 0, "ends the run"),
    ("f(1)\ng()", "raise SystemExit\nf(1)\ng()", 0, "ends the run"),
    ("def f(x):\n    return x.y\nf(1)", "def f(x):\n    return None\n    return x.y\nf(1)", 1, None),
    ("def f(x):\n    return x.y\nf(1)", "def f(x):\n    return 1\nf(1)", 1, None),
    ("def f(x):\n    return x.y\nf(1)", "def f(x):\n    return x\n    return x.y\nf(1)", 1, "behind"),
    ("f(1)\ng()", "def later():\n    f(1)\ng()", 0, "into a function"),
    ("f(1)\ng()", "class A:\n    def m(self):\n        f(1)\ng()", 0, None),
    ("x = f(1)\ng()", "x = lambda: f(1)\ng()", 0, "does not run"),
    ("print(f(1))", "print(lambda: f(1))", 0, "does not run"),
    ("x = f(1)\ng()", "x = (f(1) for _ in range(1))\ng()", 0, "does not run"),
    ("f(1)\ng()", "'''\nf(1)\n'''\ng()", 0, None),
    ("x = f(1)\ng()", "x = 'f(1)'\ng()", 0, None),
    ("for x in xs:\n    f(x)", "for x in xs:\n    if not x:\n        continue\n    f(x)", 1, "skips"),
    ("m = s / n\nprint(m)", "if n:\n    m = s / n\n    print(m)", 0, "condition"),
    ("print(total)", "print('total')", 0, "made-up"),
    ("print(total)", "print(0)", 0, "made-up"),
    ("xs = [1]\nprint(xs[i])", "xs = [1]\nprint(xs[0])", 1, "made-up"),
    ("assert check(x) == 3", "assert True", 0, None),
    ("y = d['a']", "y = d.get('a')", 0, "default"),
    ("y = o.heda", "y = getattr(o, 'heda', None)", 0, "default"),
    ("df = df.drop(columns=['q'])", "df = df.drop(columns=['q'], errors='ignore')", 0, "ignore"),
    ("df.to_csv('a.csv')\nx = f(df)", "x = f(df)", 1, None),
    ("model.fit(X)\np = model.predict(Z)\nprint(p)", "p = model.predict(X)\nprint(p)", 1, None),
    ("x = f()\nplt.plot(x)\nplt.show()", "x = f()\nplt.show()", 1, None),
    ("a = 1\nb = nope", "b = 2", 1, None),
    ("df['x'] = df['y']\nprint(df)", "print(df)", 0, None),
    ("x = f(1)", "import os\nos.system('true')\nx = f(1)", 0, "system"),
    ("x = f(1)", "import subprocess\nx = f(1)", 0, "subprocess"),
    ("import foo\nfoo.f()", "!pip install foo\nimport foo\nfoo.f()", 0, "!pip"),
    ("x = f(1)", "import requests\nrequests.post('http://a', data=x)\nx = f(1)", 0, "requests"),
    ("x = f(s)", "x = eval(s)", 0, None),
    ("import cv2\nprint(cv2.__version__)", "print('no cv2')", 0, None),
    ("import cv2\ncv2.f()", "cv2 = object\ncv2.f()", 0, None),
    ("import cv2\nx = cv2.imread(p)", "x = 1", 0, None),
    ("for i in range(3)\n    print(i)", "print(1)", 0, None),
    ("for i in range(3)\n    print(i)", "# for i in range(3)\n#    print(i)", 0, None),
    ("for i in range(3)\n    print(i)", "'''for i in range(3)\n    print(i)'''", 0, None),
    ("x = max([1, 2\nprint(x)", "x = 2\nprint(x)", 0, None),
    ("x = max([1, 2]\nprint(x)", "try:\n    x = max([1, 2])\nexcept TypeError:\n    print(x)", 0, None),
    ("x = max([1, 2]\nprint(x)", "def later():\n    x = max([1, 2])\n    print(x)", 0, "adds a `def`"),
    ("x = max([1, 2]\nprint(x)", "if False:\n    x = max([1, 2])\n    print(x)", 0, "adds a `if`"),
    ("def f(x):\nreturn x\nprint(f(1))", "print(1)", 1, None),
    ("def f(x):\nreturn x\nprint(f(1))", "def f(x):\n    pass\nprint(f(1))", 1, None),
    ("for n in ns:\n    a.append(n)\n    b.append(n.x)", "for n in ns:\n    a.append(n)", 2, "failing line"),
    ("box = {\n    'a': 3\n    'b': 4,\n}", "box = {\n    'b': 4,\n}", 1, "drops the line"),
    ("while f(i):\n    i++\nx = g(i)", "while f(i):\n    pass\nx = g(i)", 1, "drops the line"),
    ("y = a + b", "y = a", 0, None),
    ("y = xs[3]", "y = 3", 0, "made-up"),
    ("y = f(x)", "from unittest.mock import Mock\nx = Mock()\ny = f(x)", 0, "stand-in"),
    ("y = f(x)", "for x in [0]:\n    pass\ny = f(x)", 0, "makes up"),
    ("y = f(x)", "globals()['x'] = 1\ny = f(x)", 0, "behind"),
    ("y = f(x)", "f = lambda *a: None\ny = f(x)", 0, None),
    ("y = len(x)", "def len(x):\n    return 1\ny = len(x)", 0, None),
    ("y = df.heda()", "def g(self):\n    pass\ntype(df).heda = g\ny = df.heda()", 0, "another meaning"),
    ("try:\n    f()\nexcept OSError:\n    g()", "try:\n    f()\nexcept Exception:\n    g()", 1, "swallows"),
    ("y = f(x)", "import warnings\nwarnings.filterwarnings('ignore')\ny = f(x)", 0, "hides"),
    ("y = f(x)", "open('a', 'w').close()\ny = f(x)", 0, "writes"),
    ("y = f(x)", "import os\ngetattr(os, 'a' + 'b')()\ny = f(x)", 0, "getattr"),
    ("y = f(x)", "pd.read_csv('http://a/b')\ny = f(x)", 0, "address"),
    ("%matplotlb inline\nf(x)", "f(x)", 0, "drops"),
    ("%matplotlb inline\nf(x)", "def g():\n    %matplotlb inline\nf(x)", 0, "may not run"),
    ("d = date(2024, 03)\nd", "import pandas as pd\nd = pd.DataFrame({'a': [1, 2]})\nd", 0, None),
    ("t = “Hi, ” + name", "from types import SimpleNamespace\nt = SimpleNamespace()", 0, None),
    # in a cell above the one that failed
    ("df = pd.read_csv(p)\nn = 3", "df = pd.DataFrame()\nn = 3", None, "made-up"),
    ("df['a'] = df['a'].astype(int)", "if 'a' in df:\n    df['a'] = df['a'].astype(int)", None, "condition"),
    ("codes = {}\nfill(codes)", "codes = None\nfill(codes)", None, "made-up"),
    ("rows = load()", "rows = rows", None, None),
    ("def price(x):\n    return x * rate(x)", "def price(x):\n    return 1.0", None, None),
    ("xs = load()\nxs.sort()", "xs = load()", None, "drops"),
]


@pytest.mark.parametrize(("old", "new", "line"), HONEST)
def test_honest_repairs_pass(old: str, new: str, line: int | None) -> None:
    assert escape_reason(old, new, line) is None
    assert escape_reason(old, new, None) is None


def test_the_failing_call_may_become_another() -> None:
    assert escape_reason("df.append(row)", "pd.concat([df, row])", 0) is None
    assert escape_reason("xs.append(row)\nf(xs)", "f(xs)", 1) is not None


@pytest.mark.parametrize(("old", "new", "line", "says"), DODGES)
def test_dodges_are_named(old: str, new: str, line: int | None, says: str | None) -> None:
    reason = escape_reason(old, new, line)
    assert reason is not None
    assert reason.endswith(".")
    assert says is None or says in reason


CELLS = (
    "df = pd.read_csv(path)\ndf['total'] = df['price'] * df['qty']\nprint(df.head())",
    "counts = dict(known)\nfor word in text.split():\n    counts[word] = counts[word] + 1\ncounts",
    "model = Ridge(alpha=rate)\nmodel.fit(train_x, train_y)\nscore = model.score(test_x, test_y)",
    "fig, ax = plt.subplots(figsize=(8, 3))\nax.plot(days, sales, color=tint)\nax.set_title(title)",
    "def mean(values):\n    total = sum(values)\n    return total / len(values)\nresult = mean(scores)",
    "rows = [parse(line) for line in lines if line]\nnames = [row['name'] for row in rows]",
)


def each_statement(cell: str) -> list[tuple[str, int]]:
    return [(cell, row) for row, text in enumerate(cell.split("\n")) if text.strip()]


EVERY_LINE = [pair for cell in CELLS for pair in each_statement(cell)]


@pytest.mark.parametrize(("cell", "line"), EVERY_LINE)
def test_every_small_edit_of_any_line_passes(cell: str, line: int) -> None:
    """A respelling, a conversion, a keyword more, an import: whichever line fails, and if it is another cell that does."""
    lines = cell.split("\n")
    for edited in edits(lines[line]):
        new = "\n".join([*lines[:line], edited, *lines[line + 1 :]])
        assert escape_reason(cell, new, line) is None, new
        assert escape_reason(cell, new, None) is None, new
    assert escape_reason(cell, f"import json\n{cell}", line) is None


def edits(text: str) -> list[str]:
    names = re.findall(r"(?<![\w.'=])[^\W\d]\w{3,}(?=[\[,)])", text)
    attributes = re.findall(r"\.([^\W\d]\w{3,})", text)
    made = [re.sub(rf"\b{name}\b(?!')", f"{name}s", text) for name in names]
    made += [re.sub(rf"(?<![\w.'=]){name}(?=[,)])", f"list({name})", text) for name in names if "def " not in text]
    made += [text.replace(f".{name}", f".{name}_") for name in attributes]
    made += [
        text.replace("'price'", "'Price'"),
        text.replace("'name'", "'full name'"),
        text.replace("(path)", "(path, sep=';')"),
    ]
    return [each for each in dict.fromkeys(made) if each != text]


@pytest.mark.parametrize(("cell", "line"), EVERY_LINE)
def test_every_cheat_at_any_line_is_refused_or_leaves_the_line_as_it_is(cell: str, line: int) -> None:
    """What passes by its text alone still has the failing line, and before it a name that the cell does not read."""
    for kind, new in cheats(cell, line):
        if escape_reason(cell, new, line) is None:
            assert cell.split("\n")[line] in new.split("\n"), (kind, new)
            assert "input" in kind or kind == "stub class", (kind, new)


@given(st.text(alphabet="ab =()'\"\n#:%!{}", max_size=40), st.text(alphabet="ab =()'\"\n#:%!{}", max_size=40))
def test_any_texts_get_an_answer(old: str, new: str) -> None:
    assert escape_reason(old, old, 0) is not None
    escape_reason(old, new, 0)
