"""What is well known: usual imports, moved modules, renamed members. Each entry is a fact, not a case seen in a notebook."""

from __future__ import annotations

from dataclasses import dataclass


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _from(module: str, names: str) -> dict[str, str]:
    return {name: f"from {module} import {name}" for name in names.split()}


ALIASES: dict[str, str] = {
    "np": "import numpy as np",
    "pd": "import pandas as pd",
    "plt": "import matplotlib.pyplot as plt",
    "mpl": "import matplotlib as mpl",
    "sns": "import seaborn as sns",
    "sp": "import scipy as sp",
    "tf": "import tensorflow as tf",
    "nn": "from torch import nn",
    "F": "import torch.nn.functional as F",
    "optim": "from torch import optim",
    "nx": "import networkx as nx",
    "xr": "import xarray as xr",
    "pl": "import polars as pl",
    "px": "import plotly.express as px",
    "go": "import plotly.graph_objects as go",
    "alt": "import altair as alt",
    "sm": "import statsmodels.api as sm",
    "smf": "import statsmodels.formula.api as smf",
    "xgb": "import xgboost as xgb",
    "lgb": "import lightgbm as lgb",
    "jnp": "import jax.numpy as jnp",
    "dt": "import datetime as dt",
    "mticker": "import matplotlib.ticker as mticker",
    "mdates": "import matplotlib.dates as mdates",
    "gpd": "import geopandas as gpd",
    "dd": "import dask.dataframe as dd",
    "la": "import numpy.linalg as la",
    "widgets": "import ipywidgets as widgets",
    "BeautifulSoup": "from bs4 import BeautifulSoup",
    "Image": "from PIL import Image",
    "tqdm": "from tqdm.auto import tqdm",
    "stats": "from scipy import stats",
    "signal": "from scipy import signal",
    "optimize": "from scipy import optimize",
    "interpolate": "from scipy import interpolate",
    "curve_fit": "from scipy.optimize import curve_fit",
    "minimize": "from scipy.optimize import minimize",
    "DataLoader": "from torch.utils.data import DataLoader",
    "Dataset": "from torch.utils.data import Dataset",
    **dict.fromkeys(("torch", "torchvision", "scipy", "sklearn", "cv2", "requests", "yaml", "numba", "sympy"), ""),
    **_from("datetime", "date timedelta timezone"),
    **_from("pathlib", "Path PurePath"),
    **_from("collections", "defaultdict Counter OrderedDict deque namedtuple ChainMap"),
    **_from("functools", "partial reduce lru_cache wraps cached_property"),
    **_from("itertools", "chain product combinations permutations groupby islice cycle accumulate zip_longest starmap"),
    **_from("copy", "deepcopy"),
    **_from("dataclasses", "dataclass field asdict"),
    **_from("enum", "Enum IntEnum"),
    **_from("decimal", "Decimal"),
    **_from("fractions", "Fraction"),
    **_from("abc", "ABC abstractmethod"),
    **_from("contextlib", "contextmanager"),
    **_from("concurrent.futures", "ThreadPoolExecutor ProcessPoolExecutor as_completed"),
    **_from("io", "StringIO BytesIO"),
    **_from("pprint", "pprint"),
    **_from("time", "sleep perf_counter"),
    **_from("typing", "Any Callable Dict List Optional Set Tuple Union Iterable Iterator NamedTuple TypedDict Literal"),
    **_from("IPython.display", "HTML Markdown clear_output"),
    **_from(
        "sklearn.model_selection",
        "train_test_split cross_val_score GridSearchCV RandomizedSearchCV KFold StratifiedKFold",
    ),
    **_from("sklearn.linear_model", "LinearRegression LogisticRegression Ridge Lasso ElasticNet SGDClassifier"),
    **_from(
        "sklearn.ensemble",
        "RandomForestClassifier RandomForestRegressor GradientBoostingClassifier GradientBoostingRegressor",
    ),
    **_from("sklearn.tree", "DecisionTreeClassifier DecisionTreeRegressor plot_tree"),
    **_from("sklearn.neighbors", "KNeighborsClassifier KNeighborsRegressor"),
    **_from("sklearn.svm", "SVC SVR LinearSVC"),
    **_from("sklearn.naive_bayes", "GaussianNB MultinomialNB"),
    **_from("sklearn.cluster", "KMeans DBSCAN AgglomerativeClustering"),
    **_from("sklearn.decomposition", "PCA TruncatedSVD NMF"),
    **_from("sklearn.manifold", "TSNE"),
    **_from("sklearn.impute", "SimpleImputer KNNImputer"),
    **_from("sklearn.pipeline", "Pipeline make_pipeline"),
    **_from("sklearn.compose", "ColumnTransformer make_column_transformer"),
    **_from(
        "sklearn.preprocessing",
        "StandardScaler MinMaxScaler OneHotEncoder LabelEncoder OrdinalEncoder PolynomialFeatures",
    ),
    **_from("sklearn.feature_extraction.text", "CountVectorizer TfidfVectorizer"),
    **_from(
        "sklearn.datasets",
        "load_iris load_digits load_wine load_breast_cancer make_blobs make_classification make_regression",
    ),
    **_from(
        "sklearn.metrics",
        "accuracy_score precision_score recall_score f1_score confusion_matrix classification_report roc_auc_score roc_curve"
        " mean_squared_error mean_absolute_error r2_score silhouette_score ConfusionMatrixDisplay",
    ),
}
"""Name -> the import that everybody writes for it."""
ALIASES.update({name: f"import {name}" for name, line in ALIASES.items() if not line})

MEMBERS: dict[str, frozenset[str]] = {
    "math": _words(
        "sqrt ceil floor pi exp log log2 log10 sin cos tan atan2 radians degrees hypot factorial gcd isclose isnan inf nan"
    ),
    "random": _words("randint choice choices shuffle sample uniform gauss randrange"),
    "statistics": _words("mean median mode stdev variance pstdev"),
    "os": _words("listdir getcwd makedirs environ chdir path"),
    "np": _words(
        "array asarray zeros ones full eye empty arange linspace logspace mean median std var sqrt exp log log10 log2 sin cos tan"
        " abs absolute where concatenate vstack hstack stack reshape dot matmul transpose unique argmax argmin argsort cumsum"
        " diff prod nan inf pi isnan isinf percentile quantile clip round random linalg ndarray zeros_like ones_like meshgrid"
        " histogram allclose array_equal corrcoef ravel tile repeat maximum minimum sign outer cross"
    ),
    "pd": _words(
        "DataFrame Series read_csv read_excel read_json read_parquet read_html read_sql concat merge to_datetime to_numeric"
        " date_range cut qcut get_dummies melt pivot_table crosstab Timestamp Timedelta Categorical isna isnull notna NaT NA"
    ),
    "plt": _words(
        "figure subplots subplot plot scatter bar barh hist boxplot imshow xlabel ylabel title legend show savefig xlim ylim"
        " xticks yticks grid tight_layout colorbar axhline axvline fill_between errorbar pie contour contourf"
    ),
    "sns": _words(
        "histplot boxplot scatterplot lineplot heatmap pairplot barplot countplot violinplot kdeplot regplot set_theme"
    ),
}
"""A module, or its usual alias -> members that are often used without their prefix."""

PACKAGES: dict[str, str] = {
    "cv2": "opencv-python",
    "sklearn": "scikit-learn",
    "skimage": "scikit-image",
    "PIL": "Pillow",
    "yaml": "PyYAML",
    "bs4": "beautifulsoup4",
    "dotenv": "python-dotenv",
    "Crypto": "pycryptodome",
    "dateutil": "python-dateutil",
    "serial": "pyserial",
    "OpenSSL": "pyOpenSSL",
    "jwt": "PyJWT",
    "docx": "python-docx",
    "pptx": "python-pptx",
    "fitz": "PyMuPDF",
    "git": "GitPython",
    "MySQLdb": "mysqlclient",
    "psycopg2": "psycopg2-binary",
    "umap": "umap-learn",
    "igraph": "python-igraph",
    "Bio": "biopython",
    "rdkit": "rdkit",
    "usb": "pyusb",
    "zmq": "pyzmq",
    "attr": "attrs",
    "win32com": "pywin32",
    "magic": "python-magic",
    "Levenshtein": "python-Levenshtein",
    "mpl_toolkits": "matplotlib",
    "pandas_datareader": "pandas-datareader",
    "imblearn": "imbalanced-learn",
    "faiss": "faiss-cpu",
    "wordcloud": "wordcloud",
    "plotnine": "plotnine",
    "osgeo": "GDAL",
    "shapely": "shapely",
}
"""Module -> package on PyPI, where the names differ."""

MODULES_MOVED: dict[str, str] = {
    "ConfigParser": "configparser",
    "Queue": "queue",
    "StringIO": "io",
    "cStringIO": "io",
    "cPickle": "pickle",
    "urllib2": "urllib.request",
    "urlparse": "urllib.parse",
    "Tkinter": "tkinter",
    "tkMessageBox": "tkinter.messagebox",
    "__builtin__": "builtins",
    "SocketServer": "socketserver",
    "HTMLParser": "html.parser",
    "httplib": "http.client",
    "cookielib": "http.cookiejar",
    "copy_reg": "copyreg",
    "pandas.util.testing": "pandas.testing",
    "pandas.tools.plotting": "pandas.plotting",
    "pandas.tseries.plotting": "pandas.plotting",
    "pandas.core.common": "pandas.api.types",
    "pandas.io.data": "pandas_datareader.data",
    "sklearn.cross_validation": "sklearn.model_selection",
    "sklearn.grid_search": "sklearn.model_selection",
    "sklearn.learning_curve": "sklearn.model_selection",
    "sklearn.externals.joblib": "joblib",
    "sklearn.externals.six": "six",
    "sklearn.lda": "sklearn.discriminant_analysis",
    "sklearn.qda": "sklearn.discriminant_analysis",
    "sklearn.datasets.samples_generator": "sklearn.datasets",
    "sklearn.ensemble.forest": "sklearn.ensemble",
    "sklearn.neighbors.kde": "sklearn.neighbors",
    "sklearn.utils.linear_assignment_": "scipy.optimize",
    "scipy.stats.stats": "scipy.stats",
    "scipy.signal.signaltools": "scipy.signal",
    "IPython.html.widgets": "ipywidgets",
    "IPython.parallel": "ipyparallel",
    "IPython.core.display": "IPython.display",
    "keras.utils.np_utils": "keras.utils",
    "keras.preprocessing.image": "tensorflow.keras.preprocessing.image",
    "keras.layers.core": "keras.layers",
    "keras.layers.convolutional": "keras.layers",
    "keras.layers.normalization": "keras.layers",
    "tensorflow.python.keras": "tensorflow.keras",
    "matplotlib.finance": "mplfinance",
    "fuzzywuzzy": "thefuzz",
}
"""Module -> its new place (release notes of Python 3.0, pandas, scikit-learn, SciPy, IPython, Keras)."""

_ABSTRACT = (
    "Mapping MutableMapping Sequence MutableSequence Set MutableSet Iterable Iterator Callable Hashable Sized Container"
    " Generator KeysView ValuesView ItemsView Awaitable Coroutine AsyncIterable AsyncIterator ByteString"
)

NAMES_MOVED: dict[str, str] = {
    **{f"collections.{name}": f"collections.abc.{name}" for name in _ABSTRACT.split()},
    "itertools.izip": "zip",
    "itertools.imap": "map",
    "itertools.ifilter": "filter",
    "itertools.izip_longest": "itertools.zip_longest",
    "itertools.ifilterfalse": "itertools.filterfalse",
    "fractions.gcd": "math.gcd",
    "string.maketrans": "str.maketrans",
    "string.letters": "string.ascii_letters",
    "string.lowercase": "string.ascii_lowercase",
    "string.uppercase": "string.ascii_uppercase",
    "time.clock": "time.perf_counter",
    "cgi.escape": "html.escape",
    "urllib.urlopen": "urllib.request.urlopen",
    "urllib.urlretrieve": "urllib.request.urlretrieve",
    "urllib.urlencode": "urllib.parse.urlencode",
    "urllib.quote": "urllib.parse.quote",
    "urllib.unquote": "urllib.parse.unquote",
    "inspect.getargspec": "inspect.getfullargspec",
    "base64.encodestring": "base64.encodebytes",
    "base64.decodestring": "base64.decodebytes",
    "scipy.misc.comb": "scipy.special.comb",
    "scipy.misc.factorial": "scipy.special.factorial",
    "scipy.misc.logsumexp": "scipy.special.logsumexp",
    "scipy.misc.imread": "imageio.v2.imread",
    "scipy.misc.derivative": "scipy.differentiate.derivative",
    "scipy.integrate.simps": "scipy.integrate.simpson",
    "scipy.integrate.trapz": "scipy.integrate.trapezoid",
    "scipy.integrate.cumtrapz": "scipy.integrate.cumulative_trapezoid",
    "scipy.signal.gaussian": "scipy.signal.windows.gaussian",
    "scipy.signal.hann": "scipy.signal.windows.hann",
    "scipy.signal.hamming": "scipy.signal.windows.hamming",
    "scipy.signal.blackman": "scipy.signal.windows.blackman",
    "sklearn.preprocessing.Imputer": "sklearn.impute.SimpleImputer",
    "sklearn.metrics.jaccard_similarity_score": "sklearn.metrics.jaccard_score",
    "sklearn.metrics.calinski_harabaz_score": "sklearn.metrics.calinski_harabasz_score",
    "sklearn.mixture.GMM": "sklearn.mixture.GaussianMixture",
    "sklearn.decomposition.RandomizedPCA": "sklearn.decomposition.PCA",
    "sklearn.linear_model.RandomizedLogisticRegression": "sklearn.linear_model.LogisticRegression",
    "pandas.scatter_matrix": "pandas.plotting.scatter_matrix",
    "pandas.io.json.json_normalize": "pandas.json_normalize",
    "pandas.datetime": "datetime.datetime",
    "pandas.TimeSeries": "pandas.Series",
    "pandas.Int64Index": "pandas.Index",
    "pandas.Float64Index": "pandas.Index",
    "matplotlib.cm.get_cmap": "matplotlib.pyplot.get_cmap",
    "seaborn.factorplot": "seaborn.catplot",
    "seaborn.tsplot": "seaborn.lineplot",
    "seaborn.lvplot": "seaborn.boxenplot",
    "jinja2.Markup": "markupsafe.Markup",
    "flask.Markup": "markupsafe.Markup",
    "flask.escape": "markupsafe.escape",
    "numpy.testing.decorators": "numpy.testing",
    "typing.io": "typing",
}
"""A module's member -> where it is now (release notes of the libraries named)."""

ATTRIBUTES_RENAMED: dict[str, str] = {
    "ix": "loc",
    "iteritems": "items",
    "itervalues": "values",
    "iterkeys": "keys",
    "viewitems": "items",
    "as_matrix": "to_numpy",
    "get_values": "to_numpy",
    "convert_objects": "infer_objects",
    "sort": "sort_values",
    "order": "sort_values",
    "applymap": "map",
    "pad": "ffill",
    "backfill": "bfill",
    "tshift": "shift",
    "slice_shift": "shift",
    "is_monotonic": "is_monotonic_increasing",
    "weekday_name": "day_name()",
    "tostring": "tobytes",
    "itemset": "put",
    "isAlive": "is_alive",
    "set_axis_bgcolor": "set_facecolor",
    "get_axis_bgcolor": "get_facecolor",
    "set_color_cycle": "set_prop_cycle",
    "get_feature_names": "get_feature_names_out",
    "predict_classes": "predict",
    "fit_generator": "fit",
    "evaluate_generator": "evaluate",
    "predict_generator": "predict",
    "assertEquals": "assertEqual",
}
"""A method or attribute of pandas, numpy, matplotlib, scikit-learn, Keras or Python 2 -> its present name."""

NUMPY: dict[str, str] = {
    **{name: name for name in ("float", "int", "bool", "object", "str", "complex")},
    **{"long": "int", "unicode": "str"},
    **{name: f"{{module}}.{new}" for name, new in {
        "product": "prod", "cumproduct": "cumprod", "sometrue": "any", "alltrue": "all", "in1d": "isin", "trapz": "trapezoid",
        "row_stack": "vstack", "float_": "float64", "complex_": "complex128", "unicode_": "str_", "string_": "bytes_",
        "Inf": "inf", "Infinity": "inf", "infty": "inf", "PINF": "inf", "NaN": "nan", "NAN": "nan", "round_": "round",
        "asfarray": "asarray", "rank": "ndim", "singlecomplex": "complex64", "cfloat": "complex128", "longfloat": "longdouble",
        "clongfloat": "clongdouble", "find_common_type": "result_type", "byte_bounds": "lib.array_utils.byte_bounds",
    }.items()},
    "NINF": "-{module}.inf",
    "PZERO": "0.0",
    "NZERO": "-0.0",
}  # fmt: skip
"""Removed members of numpy -> what replaces them (NumPy 1.24 and 2.0 release notes, migration guide)."""

KEYWORDS_RENAMED: dict[str, str] = {
    "normed": "density",
    "sparse": "sparse_output",
    "line_terminator": "lineterminator",
    "base_estimator": "estimator",
    "affinity": "metric",
    "n_iter": "max_iter",
    "size": "height",
    "shade": "fill",
    "cmp": "key",
    "axisbg": "facecolor",
    "nb_epoch": "epochs",
    "output_dim": "units",
    "lr": "learning_rate",
    "sheetname": "sheet_name",
    "parse_cols": "usecols",
    "rows": "index",
    "cols": "columns",
}
"""A removed keyword of a plotting, data or learning library -> the present one."""

KEYWORDS = _words(
    "axis columns index inplace figsize label labels color alpha marker linestyle linewidth title xlabel ylabel bins density"
    " random_state test_size train_size n_estimators max_depth max_iter n_clusters n_components n_neighbors learning_rate"
    " ignore_index ascending by how on left_on right_on suffixes sep header names usecols dtype parse_dates index_col encoding"
    " reverse key default ensure_ascii indent orient aggfunc values fill_value subset keep drop dropna na_values nrows skiprows"
    " sheet_name engine start stop step num endpoint freq periods window min_periods numeric_only kind rot legend grid ax hue"
    " data palette estimator errorbar height aspect fontsize loc cmap vmin vmax origin interpolation shuffle stratify verbose"
    " batch_size epochs validation_split optimizer loss metrics activation input_shape units sharex sharey dpi edgecolor width"
    " maxsplit end flush file newline mode exist_ok parents timeout params headers json C gamma kernel degree penalty solver"
    " scoring cv n_jobs return_counts return_index keepdims ndmin copy order side method limit level errors format unit utc"
)
"""Keyword arguments of the libraries that notebooks use most."""


@dataclass(frozen=True)
class Idiom:
    """How Python says what another type or language says with a method."""

    text: str
    shown: str
    needs: str = "call"
    """`call` if it is called, empty if it is only read, `either` if both are wrong."""
    arguments: int = 0


OTHER_METHODS: dict[tuple[str, str], Idiom] = {
    ("list", "push"): Idiom("{owner}.append({args})", "append", arguments=1),
    ("list", "add"): Idiom("{owner}.append({args})", "append", arguments=1),
    ("list", "addAll"): Idiom("{owner}.extend({args})", "extend", arguments=1),
    ("list", "join"): Idiom("{args}.join({owner})", "separator.join(list)", arguments=1),
    ("list", "contains"): Idiom("({args} in {owner})", "in", arguments=1),
    ("str", "contains"): Idiom("({args} in {owner})", "in", arguments=1),
    ("str", "includes"): Idiom("({args} in {owner})", "in", arguments=1),
    ("list", "includes"): Idiom("({args} in {owner})", "in", arguments=1),
    ("dict", "has_key"): Idiom("({args} in {owner})", "in", arguments=1),
    ("dict", "contains"): Idiom("({args} in {owner})", "in", arguments=1),
    ("dict", "iteritems"): Idiom("{owner}.items()", "items"),
    ("dict", "itervalues"): Idiom("{owner}.values()", "values"),
    ("dict", "iterkeys"): Idiom("{owner}.keys()", "keys"),
    ("set", "append"): Idiom("{owner}.add({args})", "add", arguments=1),
    ("str", "toLowerCase"): Idiom("{owner}.lower()", "lower"),
    ("str", "toUpperCase"): Idiom("{owner}.upper()", "upper"),
    ("str", "trim"): Idiom("{owner}.strip()", "strip"),
    ("str", "decode"): Idiom("{owner}", "the text itself"),
    ("bytes", "encode"): Idiom("{owner}", "the bytes themselves"),
    ("str", "startsWith"): Idiom("{owner}.startswith({args})", "startswith", arguments=1),
    ("str", "endsWith"): Idiom("{owner}.endswith({args})", "endswith", arguments=1),
    ("list", "shape"): Idiom("np.array({owner}).shape", "np.array(list).shape", needs=""),
    ("list", "sum"): Idiom("sum({owner})", "sum"),
    ("list", "max"): Idiom("max({owner})", "max"),
    ("list", "min"): Idiom("min({owner})", "min"),
    ("list", "mean"): Idiom("(sum({owner}) / len({owner}))", "sum(list) / len(list)"),
    ("ndarray", "append"): Idiom("np.append({owner}, {args})", "np.append", arguments=1),
    ("ndarray", "value_counts"): Idiom("pd.Series({owner}).value_counts({args})", "pd.Series(array).value_counts"),
    ("ndarray", "head"): Idiom("{owner}[:5]", "[:5]"),
    ("generator", "next"): Idiom("next({owner})", "next"),
    ("", "length"): Idiom("len({owner})", "len", needs="either"),
    ("", "len"): Idiom("len({owner})", "len"),
    ("", "count_values"): Idiom("{owner}.value_counts()", "value_counts"),
    ("", "toString"): Idiom("str({owner})", "str"),
}
"""(type, method) -> Python; the type '' is any."""
