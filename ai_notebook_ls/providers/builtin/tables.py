"""What is well known: usual imports, moved modules, renamed members. Each entry is a fact, not a case seen in a notebook."""

from __future__ import annotations

from dataclasses import dataclass


def words(text: str) -> frozenset[str]:
    """Return the words of a text."""
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
    "math": words(
        "sqrt ceil floor pi exp log log2 log10 sin cos tan atan2 radians degrees hypot factorial gcd isclose isnan inf nan"
    ),
    "random": words("randint choice choices shuffle sample uniform gauss randrange"),
    "statistics": words("mean median mode stdev variance pstdev"),
    "os": words("listdir getcwd makedirs environ chdir path"),
    "np": words(
        "array asarray zeros ones full eye empty arange linspace logspace mean median std var sqrt exp log log10 log2 sin cos tan"
        " abs absolute where concatenate vstack hstack stack reshape dot matmul transpose unique argmax argmin argsort cumsum"
        " diff prod nan inf pi isnan isinf percentile quantile clip round random linalg ndarray zeros_like ones_like meshgrid"
        " histogram allclose array_equal corrcoef ravel tile repeat maximum minimum sign outer cross"
    ),
    "pd": words(
        "DataFrame Series read_csv read_excel read_json read_parquet read_html read_sql concat merge to_datetime to_numeric"
        " date_range cut qcut get_dummies melt pivot_table crosstab Timestamp Timedelta Categorical isna isnull notna NaT NA"
    ),
    "plt": words(
        "figure subplots subplot plot scatter bar barh hist boxplot imshow xlabel ylabel title legend show savefig xlim ylim"
        " xticks yticks grid tight_layout colorbar axhline axvline fill_between errorbar pie contour contourf"
    ),
    "sns": words(
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

KEYWORDS = words(
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
