"""Causes of failures, each with evidence from a real kernel: what is proposed first of all that runs, and where."""

from __future__ import annotations

import pytest

from ai_notebook_ls.core.cells import Cell
from ai_notebook_ls.kernels.sidecar import SidecarKernel

from .conftest import fixes, runs

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("causes")]

LIBRARIES = "import pandas as pd\nimport numpy as np\n"
FRAME = (
    LIBRARIES
    + """
df = pd.DataFrame({
    "price": ["1,200", "3"], "q": [1, 2], "d": ["2024-01-02", "2024-02-03"], "n": ["4", "5"],
    "e": ["13/02/2024", "01/03/2024"],
})"""
)

CASES: list[tuple[list[str], str]] = [
    ([FRAME, "df['price'].mean()"], 'replace(",", "")'),
    ([FRAME, "total = df['price']*1.0 + df['q']"], 'replace(",", "")'),
    ([FRAME, "df['n']+df['q']"], 'to_numeric(df["n"])'),
    ([FRAME, "df[df['n']>4]"], "to_numeric"),
    (
        [
            LIBRARIES + "import io\ntext='''price,city\\n\"1,100\",a\\n2,b\\n'''\ndf = pd.read_csv(io.StringIO(text))",
            "df['price'].mean()",
        ],
        'thousands=","',
    ),
    (
        [
            LIBRARIES + "import io\ntext='''price;city\\n1;a\\n2;b\\n'''\ndf = pd.read_csv(io.StringIO(text))",
            "df['price'].sum()",
        ],
        'sep=";"',
    ),
    ([FRAME, "df['price'].astype(float)"], '.str.replace(",", "")'),
    ([FRAME, "pd.to_numeric(df['price'])"], '.str.replace(",", "")'),
    ([FRAME, "df['d'].dt.year"], 'to_datetime(df["d"])'),
    ([FRAME, "df['e'].dt.year"], "dayfirst=True"),
    ([FRAME, "df['d'].max()-df['d'].min()"], "to_datetime"),
    ([FRAME, "df.set_index('q')['q']"], "reset_index"),
    ([FRAME, "df2=df.set_index('q')", "df2['q'].sum()"], "reset_index"),
    ([FRAME, "g=df.groupby('q')['n'].first()", "g['q']"], "reset_index"),
    ([FRAME, "df.drop('q',1)"], "axis=1"),
    ([FRAME, "df.pivot('q','d','n')"], "columns="),
    (
        [LIBRARIES + "a=pd.DataFrame({'id':[1,2]})\nb=pd.DataFrame({'id':['1','2'],'x':[3,4]})", "a.merge(b,on='id')"],
        'b["id"].astype(int)',
    ),
    ([FRAME, "df[df.q>1 & df.q<3]"], "(df.q>1) & (df.q<3)"),
    ([FRAME, "s=pd.Series([1,2],index=['a','b'])\ns[0]"], ".iloc[0]"),
    ([LIBRARIES, "np.zeros(2,3)"], "(2,3)"),
    ([LIBRARIES, "a=np.ones(3)\nb=np.ones(3)\nnp.concatenate(a,b)"], "[a,b]"),
    ([LIBRARIES, "a=np.ones(3)\nb=np.ones(3)\nnp.vstack(a,b)"], "[a,b]"),
    ([FRAME, "pd.concat(df,df)"], "[df,df]"),
    ([LIBRARIES, "np.random.rand((2,3))"], "rand(2, 3)"),
    ([LIBRARIES, "a=np.ones((3,4))\nb=np.ones((5,4))\na@b"], "b.T"),
    ([LIBRARIES, "a=np.ones((3,4))\nb=np.ones(3)\na*b"], "b[:, None]"),
    ([LIBRARIES, "np.array[1,2]"], "np.array([1,2])"),
    ([FRAME, "df.groupby('q').mean()"], "numeric_only"),
    ([FRAME, "df.describe(datetime_is_numeric=True)"], "describe()"),
    ([FRAME, "df.set_index('q').sum(level=0)"], "groupby(level=0)"),
    ([FRAME, "df.fillna(method='ffill')"], "ffill()"),
    ([FRAME, "df['q'].mad()"], ".abs().mean()"),
    ([FRAME, "pd.value_counts([1,1])"], "pd.Series([1,1]).value_counts()"),
    ([LIBRARIES, "np.ones(3).ptp()"], "np.ptp(np.ones(3))"),
    ([LIBRARIES, "np.math.sqrt(4)"], "math.sqrt(4)"),
    ([LIBRARIES + "import matplotlib.pyplot as plt", "fig,ax=plt.subplots()\nax.xlabel('a')"], "set_xlabel"),
    ([LIBRARIES + "import matplotlib.pyplot as plt", "plt.set_title('a')"], "plt.title"),
    ([LIBRARIES + "import matplotlib.pyplot as plt", "plt.plot([1],[1],colour='r')"], "color="),
    ([LIBRARIES + "import matplotlib.pyplot as plt", "plt.hist([1],normed=True)"], "density=True"),
    ([LIBRARIES + "import matplotlib.pyplot as plt", "plt.grid(b=True)"], "visible=True"),
    ([LIBRARIES + "import matplotlib.pyplot as plt", "plt.boxplot([1],labels=['a'])"], "tick_labels"),
    ([LIBRARIES + "import matplotlib.pyplot as plt", "plt.cm.get_cmap('viridis')"], "get_cmap('viridis')"),
    ([LIBRARIES + "import matplotlib.pyplot as plt", "ax=plt.figure().gca(projection='3d')"], "add_subplot"),
    ([LIBRARIES + "import matplotlib.pyplot as plt", "fig,axes=plt.subplots(2,2)\naxes.plot([1])"], "axes[0, 0]"),
    ([FRAME, "df['d'].upper()"], ".str.upper()"),
    ([FRAME, "df['d'].year"], ".dt"),
    ([FRAME, "xs=[1,2]\nxs.mean()"], ".mean()"),
    ([LIBRARIES, "pd.Series([1.0,np.nan]).astype(int)"], "Int64"),
    ([LIBRARIES, "pd.to_datetime(pd.Series(['01/02/2024','13/02/2024']))"], 'format="mixed"'),
    ([LIBRARIES + "s=pd.Series(['01/02/2024','13/02/2024'])", "pd.to_datetime(s)"], "dayfirst"),
    ([FRAME, "df.apply(lambda r: r['q']*2)"], "axis=1"),
    ([FRAME, "df.groupby('q')['n','d'].first()"], "[['n','d']]"),
    ([FRAME, "df.to_csv('outs/x.csv')"], "mkdir"),
    ([FRAME, "open('outs/sub/x.txt','w')"], "mkdir"),
    ([FRAME, "df.rename(columns={'price':'Price '},inplace=True)\ndf['Price']"], "'Price '"),
    ([FRAME, "df['totla']=df['q']*2", "df['total'].sum()"], "df['total']=df['q']"),
    ([FRAME, "df=df.dropna(inplace=True)", "df.head()"], "df.dropna()"),
    ([FRAME, "x=df.dropna(inplace=True).head()"], "df.dropna().head()"),
    ([FRAME, "t=df.set_index('d')", "t.resample('D').size()"], "t.index = pd.to_datetime(t.index)"),
    (
        [LIBRARIES + "x=pd.Series(['a',None],dtype=object)\nd=pd.DataFrame({'x':x})", "d[d['x'].str.contains('a')]"],
        "na=False",
    ),
    ([FRAME, "df.sort_values(by='q', asending=False)"], "ascending"),
    ([LIBRARIES, "pd.DataFrame({'a':1})"], "[{'a':1}]"),
    ([FRAME, "df['q','n']"], "[['q','n']]"),
    ([FRAME, "df.query('prise == 3')"], "price == 3"),
    ([LIBRARIES + "import io\nd=pd.read_csv(io.StringIO('a,b\\n1,-\\n2,5\\n'))", "d['b'].mean()"], "na_values"),
    ([LIBRARIES + "import io\nd=pd.read_csv(io.StringIO('a,b\\n1,-\\n2,5\\n'))", "d['b'].astype(float)"], "errors"),
    ([LIBRARIES + "import io\nd=pd.read_csv(io.StringIO('a,b\\n1,$4\\n2,$5\\n'))", "d['b'].mean()"], "str.replace"),
    (
        [LIBRARIES + "import io\nd=pd.read_csv(io.StringIO('a;b\\n1;4,5\\n2;5,0\\n'),sep=';')", "d['b'].mean()"],
        "decimal",
    ),
    ([LIBRARIES + "import io\nd=pd.read_csv(io.StringIO('a ,b\\n1,4\\n'))", "d['a'].mean()"], "strip"),
    (["import asyncio\nasync def f(): return [1]", "asyncio.run(f())"], "await f()"),
    (["import asyncio\nasync def f(): return [1]", "asyncio.get_event_loop().run_until_complete(f())"], "await f()"),
    (["import asyncio\nasync def f(): return [1]", "x = f()", "x[0]"], "await f()"),
    (["import asyncio\nasync def f(): return [1]", "for i in f(): print(i)"], "in await f()"),
    (["import asyncio\nasync def f(): return [1]", "len(f())"], "len(await f())"),
    (["import asyncio\nasync def f(): return [1]", "f()[0]"], "(await f())[0]"),
    (["async def g():\n    yield 1", "for i in g(): print(i)"], "async for"),
    (["async def g():\n    yield 1", "xs=[i for i in g()]"], "async for"),
    (["async for i in [1,2]:\n    print(i)"], "for i in [1,2]"),
    (["def h(): return 1", "await h()"], "h()"),
    (
        [
            "class A:\n async def __aenter__(self): return 1\n async def __aexit__(self,*a): pass",
            "with A() as a: print(a)",
        ],
        "async with",
    ),
    (["import asyncio\nasync def f(): return [1]\ndef g():\n    return await f()\nx = g()"], "async def g"),
    (["import asyncio\nasync def f(): return [1]", "r = asyncio.gather(f(), f())\nr[0]"], "await asyncio.gather"),
    (
        ["import asyncio\nasync def f(): return [1]", "r = asyncio.create_task(f())", "r[0]"],
        "await asyncio.create_task",
    ),
    (["import asyncio\nasync def f(): return [1]", "await asyncio.gather([f(), f()])"], "gather(*["),
    (["async def load():\n    return 3\ndef total():\n    return load() + 1", "total()"], "await"),
    (["%matplotlib inlin"], "%matplotlib inline"),
    (["%tiem 1+1"], "%time 1+1"),
    (["x=1\n%%time\ny=2"], "%%time\nx=1"),
    (["%%tme\ny=2"], "%%time"),
    (["d={1:2}\nfor k in d: d.pop(k)"], "list(d)"),
    (["print('a')+'b'"], "print('a'+'b')"),
    (["print('%d') % 3"], "print('%d' % 3)"),
    (["class C:\n    def _init_(self, a): self.a=a", "C(1).a"], "__init__"),
    (["def f(a,b): return a\nb=3", "f(1)"], "f(1, b)"),
    (["x = 5,", "x+1"], "x = 5"),
    (["def f(x):\n    y=x*2", "f(2)+1"], "return y"),
    (["def f(xs):\n    out=[]\n    for x in xs:\n        out.append(x)", "f([1])[0]"], "return out"),
    (["def f(x):\n    x*2", "f(2)+1"], "return x*2"),
    (["xs=[3,1]\nys=xs.sort()", "ys[0]"], "sorted(xs)"),
    (["xs=[3,1]", "for x in xs.sort(): print(x)"], "sorted(xs)"),
    (["xs=[3,1]\nxs=xs.append(2)", "len(xs)"], "xs.append(2)"),
    (["import random\nxs=[3,1]\nys=random.shuffle(xs)", "ys[0]"], "random.sample"),
    (["import re\nm=re.match('b','ab')", "m.group()"], "search"),
    (["xs=[{'a':1}]", "for r in xs: print(xs['a'])"], "r['a']"),
    (["xs=['a ']", "for r in xs: print(xs.strip())"], "r.strip()"),
    (["xs=['a','b']", "for i in xs: print(xs[i])"], "print(i)"),
    (["xs=[5,6]\nt=0", "for i in xs: t+=xs[i]"], "t+=i"),
    (["max=3", "max([1])"], "max_"),
    (["import time\ntime=3", "time.sleep(0)"], "time_"),
    (["def mean(x): return 1\nmean=mean([1])", "mean([2])"], "mean_"),
    (["sum = 0\nfor i in [1,2]: sum += i", "sum([1,2])"], "sum_"),
    (["people={'a':{'name':'x'}}", "for p in people: print(p['name'])"], ".values()"),
    (["s='{\"a\": 1}'", "s['a']"], "json.loads"),
    (["for a,b in [1,2],[3,4,5]: print(a)"], "zip("),
    (["pts=[(1,2) (3,4)]"], "), ("),
    (["pts=[[1,2] [0,1]]"], "], ["),
    (["n=3\n2(n+1)"], "2 * (n"),
    (["a={'x':1}\nb={'y':2}", "c=a+b"], "a|b"),
    (["import numpy as np\nxs=[1,2]", "ys=xs*2.0"], "np.array(xs)*2.0"),
    (["t=(1,2)", "t[0]=3"], "[1,2]"),
    (["isinstance(1, [int,str])"], "(int,str)"),
    (["xs=list(map([1,2], str))"], "map(str, [1,2])"),
    (["class A:\n    def __init__(self): self.x=1\n    def g(self): return x", "A().g()"], "self.x"),
    (["class A:\n    def g(): return 1", "A().g()"], "g(self)"),
    (["class A:\n    def g(self): return h()\n    def h(self): return 1", "A().g()"], "self.h()"),
    (["class A:\n    def g(self): return 1", "A.g()"], "A().g()"),
    (["class A:\n    def g(self): return 1\na=A", "a.g()"], "A()"),
    (["s='1,200.5'", "float(s)"], 'replace(",", "")'),
    (["import datetime\nd=datetime.datetime.strptime('2024-01-05','%d/%m/%Y')"], "%Y-%m-%d"),
    (["import datetime\nd=datetime.datetime.strptime('2024-01-05 10:20','%Y-%m-%d')"], "%H:%M"),
    (["xs=[1,2]", "i=0\nwhile i<=len(xs):\n    print(xs[i])\n    i+=1"], "i < len"),
    (["xs=[1,2]", "for i in range(len(xs)+1): print(xs[i])"], "range(len(xs))"),
    (["xs=[1,2]", "for i in range(1,len(xs)+1): print(xs[i])"], "i - 1"),
    (["xs=[1,2]", "for i in range(len(xs)): print(xs[i+1]-xs[i])"], "len(xs) - 1"),
    (["import json\nopen('c.json','w').write('{\"a\":1}')", "c=json.load('c.json')"], "open('c.json')"),
    (["import json\nopen('c.json','w').write('{\"a\":1}')", "c=json.loads('c.json')"], "json.load(open("),
    (
        ["import json\nopen('c.json','w').write('{\"a\":1}')", "with open('c.json') as f: c=json.loads(f)"],
        "json.load(f)",
    ),
    (["open('o.txt','w').close()", "with open('o.txt') as f: f.write('x')"], '"w"'),
    (["with open('o.bin','wb') as f: f.write('x')"], "'w'"),
    (["with open('o.bin','w') as f: f.write(b'x')"], "'wb'"),
    (["with open('o.txt','w') as f: f.write(3)"], "str(3)"),
    (["open('l.txt','wb').write(b'caf\\xe9')", "open('l.txt',encoding='utf-8').read()"], "cp1252"),
    (["import os\nos.makedirs('lib',exist_ok=True)\nopen('lib/helpr.py','w').write('x=1')", "import helpr"], "lib"),
    (["open('utl.py','w').write('x=1')", "from .utl import x"], "from utl"),
    (["conf={'rate':1}", "conf.rate"], 'conf["rate"]'),
    (["s=' A '", "s.strip.lower()"], "strip().lower()"),
    (["d={'a':1}", "d.get['a']"], "d.get('a')"),
    (["x=[1,2,3]", "x[1.0]"], "x[1]"),
    (["def f(*, b): return b", "f(1)"], "b=1"),
    (["import numpy as np\nd={'a':np.int64(1)}\nimport json", "json.dumps(d)"], "default"),
    (["for i,x in [10,20]: print(x)"], "enumerate"),
    (["counts={}", "for w in ['a']: counts[w]+=1"], "get(w, 0)"),
    (["name='x'\nprint('hi ' + name + 3)"], "str(3)"),
    (["print(f'{3.5:d}')"], ".0f"),
    (["x=3", "if x = 3: print(x)"], "=="),
    (["xs = ['1', '2']\nnumbers = map(int, xs)", "numbers[0]"], "list(map(int, xs))"),
    ([FRAME, "first = df['d'].min()\nlast = df['d'].max()", "last - first"], 'df["d"] = pd.to_datetime(df["d"])'),
    (["x = {'a': true, 'b': null, 'c': false}"], "'b': None, 'c': False"),
    (["import numpy as np\nr = np.array([1])", "r.append(2)"], "r = np.append(r, 2)"),
]
"""(cells, the last of which fails; a part of the right proposal)."""

UNSURE: list[list[str]] = [
    ["int('3.7')"],
    ["[1, 2] - [1]"],
    ["import datetime\ndatetime.datetime.strptime('01/02/2024', '%Y-%m-%d')"],
    ["import numpy as np\na = np.ones((3, 4))\nb = np.ones((3, 4))", "a @ b"],
    [FRAME, "df.merge(df.astype({'q':str}),on='q')"],
    [FRAME, "df.iloc['q']"],
    [FRAME, "df['q'].foo_bar_baz"],
    [FRAME, "if df['q']>1 and df['q']<3:\n    print(1)"],
    [FRAME, "df['x']=df['q'] if df['q']>1 else 0"],
    ["import os\nos.makedirs('data',exist_ok=True)\nopen('data/s.csv','w').write('a')", "open('s.csv').read()"],
    ["s='abc'", "s[0]='x'"],
    ["words=['b','a']", "print(sorted(words, cmp=lambda a,b: 0))"],
    ["n='5'", "range(n)"],
    ["xs=['1','2']", "sum(xs)"],
    ["total=0\nfor x in ['1','2']:\n    total+=x"],
    ["a,b = (1,2,3)"],
    ["groups={}", "for w in ['a']: groups[w].append(1)"],
    ["'{} {}'.format(1)"],
    ["print('n: %d' % '3')"],
    ["import math", "math.sqrt('4')"],
]
"""Failures that nothing sure is to be said of: what is meant only the user knows."""


def cells_of(sources: list[str]) -> list[Cell]:
    return [Cell(f"c{number}", source) for number, source in enumerate(sources, 1)]


@pytest.mark.parametrize(("sources", "expected"), CASES, ids=[case[0][-1][:40] for case in CASES])
async def test_the_first_proposal_that_runs_is_right(kernel: SidecarKernel, sources: list[str], expected: str) -> None:
    cells = cells_of(sources)
    _, found = await fixes(kernel, cells, cells[-1])
    first = None
    for candidate in found:
        if await runs(kernel, cells, candidate):
            first = candidate
            break
    assert first is not None, f"one of {[each.title for each in found]} runs"
    assert any(expected in edit.source for edit in first.edits), first


@pytest.mark.parametrize("sources", UNSURE, ids=[sources[-1][:40] for sources in UNSURE])
async def test_nothing_sure_is_said_of_what_only_the_user_knows(kernel: SidecarKernel, sources: list[str]) -> None:
    cells = cells_of(sources)
    _, found = await fixes(kernel, cells, cells[-1])
    sure = [each for each in found if each.confidence in ("certain", "likely") and await runs(kernel, cells, each)]
    assert sure == []


async def test_a_column_that_is_made_below_is_a_matter_of_order(kernel: SidecarKernel) -> None:
    cells = cells_of([FRAME, "df['total'].sum()", "df['total'] = df['q'] * 2"])
    _, found = await fixes(kernel, cells, cells[1])
    assert [(each.confidence, each.run_first) for each in found][:1] == [("action", ("c3",))]
