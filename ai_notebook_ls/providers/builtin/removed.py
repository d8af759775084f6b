"""What libraries have removed, and what their release notes say to write instead. The version is where it went away."""

from __future__ import annotations

METHODS_GONE: dict[tuple[str, str], str] = {
    # pandas 1.0 to 3.0
    ("DataFrame", "mad"): "({owner} - {owner}.mean()).abs().mean()",  # 2.0
    ("Series", "mad"): "({owner} - {owner}.mean()).abs().mean()",  # 2.0
    ("DataFrame", "swapaxes"): "{owner}.transpose()",  # 3.0
    ("DataFrame", "first"): "{owner}.loc[: {owner}.index[0] + pd.Timedelta({args})]",  # 3.0
    ("Series", "first"): "{owner}.loc[: {owner}.index[0] + pd.Timedelta({args})]",  # 3.0
    ("DataFrame", "last"): "{owner}.loc[{owner}.index[-1] - pd.Timedelta({args}) :]",  # 3.0
    ("Series", "last"): "{owner}.loc[{owner}.index[-1] - pd.Timedelta({args}) :]",  # 3.0
    ("DataFrame", "bool"): "bool({owner}.iloc[0, 0])",  # 3.0
    ("Series", "bool"): "bool({owner}.iloc[0])",  # 3.0
    ("DataFrame", "get_value"): "{owner}.at[{args}]",  # 1.0
    ("Series", "get_value"): "{owner}.at[{args}]",  # 1.0
    ("Series", "ravel"): "{owner}.to_numpy()",  # 3.0
    ("Series", "nonzero"): "{owner}.to_numpy().nonzero()",  # 1.0
    ("Series", "view"): "{owner}.astype({args})",  # 3.0
    ("Series", "itemsize"): "{owner}.dtype.itemsize",  # 1.0
    ("Series", "asobject"): "{owner}.astype(object)",  # 1.0
    ("Series", "valid"): "{owner}.dropna()",  # 1.0
    ("Series", "compress"): "{owner}[{args}]",  # 1.0
    ("Series", "from_array"): "pd.Series({args})",  # 1.0
    ("DatetimeProperties", "week"): "{owner}.isocalendar().week",  # 2.0
    ("DatetimeProperties", "weekofyear"): "{owner}.isocalendar().week",  # 2.0
    ("DatetimeProperties", "weekday_name"): "{owner}.day_name()",  # 1.0
    ("DatetimeIndex", "week"): "{owner}.isocalendar().week",  # 2.0
    ("DatetimeIndex", "weekofyear"): "{owner}.isocalendar().week",  # 2.0
    ("DatetimeIndex", "weekday_name"): "{owner}.day_name()",  # 1.0
    ("Timestamp", "weekday_name"): "{owner}.day_name()",  # 1.0
    ("Timestamp", "to_datetime"): "{owner}.to_pydatetime()",
    ("Index", "is_all_dates"): "isinstance({owner}, pd.DatetimeIndex)",  # 2.0
    ("Index", "is_mixed"): "({owner}.inferred_type == 'mixed')",  # 2.0
    ("Index", "is_numeric"): "pd.api.types.is_numeric_dtype({owner})",  # 2.0
    ("Index", "contains"): "({args} in {owner})",  # 1.0
    ("MultiIndex", "labels"): "{owner}.codes",  # 1.0
    ("module pandas", "value_counts"): "pd.Series({args}).value_counts()",  # 3.0
    ("module pandas", "rolling_mean"): "{arg0}.rolling({arg1}).mean()",  # 0.23
    ("module pandas", "rolling_std"): "{arg0}.rolling({arg1}).std()",  # 0.23
    ("module pandas", "rolling_sum"): "{arg0}.rolling({arg1}).sum()",  # 0.23
    ("module pandas", "rolling_median"): "{arg0}.rolling({arg1}).median()",  # 0.23
    ("module pandas", "ewma"): "{arg0}.ewm({arg1}).mean()",  # 0.23
    # numpy 1.20 to 2.4
    ("ndarray", "ptp"): "np.ptp({owners_args})",  # 2.0
    ("ndarray", "newbyteorder"): "{owner}.view({owner}.dtype.newbyteorder({args}))",  # 2.0
    ("ndarray", "tostring"): "{owner}.tobytes({args})",  # 2.3
    ("module numpy", "asscalar"): "{arg0}.item()",  # 1.23
    ("module numpy", "msort"): "np.sort({args}, axis=0)",  # 2.0
    ("module numpy", "mat"): "np.asmatrix({args})",  # 2.0
    ("module numpy", "math"): "math",  # 1.25
    ("module numpy", "disp"): "print({args})",  # 2.0
    ("module numpy", "issubsctype"): "np.issubdtype({args})",  # 2.0
    ("module numpy", "issubclass_"): "issubclass({args})",  # 2.0
    ("module numpy", "recfromcsv"): 'np.genfromtxt({args}, delimiter=",", names=True, dtype=None)',  # 2.0
    ("module numpy.random", "random_integers"): "np.random.randint({arg0}, {arg1} + 1)",  # 2.0
    # matplotlib 3.0 to 3.11
    ("Axes", "is_first_col"): "{owner}.get_subplotspec().is_first_col()",  # 3.6
    ("Axes", "is_last_row"): "{owner}.get_subplotspec().is_last_row()",  # 3.6
    ("FigureCanvasAgg", "tostring_rgb"): "{owner}.buffer_rgba()",  # 3.10
    # the standard library
    ("module string", "join"): "{arg1}.join({arg0})",  # 3.0
    ("module os", "getcwdu"): "os.getcwd()",
    ("module types", "StringType"): "str",
    ("module types", "ListType"): "list",
    ("module types", "DictType"): "dict",
    ("module types", "IntType"): "int",
    ("module sys", "maxint"): "sys.maxsize",
    ("module asyncio", "async"): "asyncio.ensure_future({args})",  # 3.7
    ("module inspect", "getargspec"): "inspect.getfullargspec({args})",  # 3.11
    ("module unittest", "makeSuite"): "unittest.defaultTestLoader.loadTestsFromTestCase({args})",  # 3.13
    ("module locale", "format"): "locale.format_string({args})",  # 3.12
    ("module random", "jumpahead"): "random.seed({args})",  # 3.0
    ("module torch", "range"): "torch.arange({args})",
    ("module torch", "symeig"): "torch.linalg.eigh({args})",  # 2.0
    ("module torch", "qr"): "torch.linalg.qr({args})",
    ("module torch", "solve"): "torch.linalg.solve({arg1}, {arg0})",  # 1.13
    ("module scipy", "mean"): "np.mean({args})",  # 1.12
}
"""(type or module, member) -> what to write. `{owner}` is the object, `{args}` the arguments, `{owners_args}` both."""

KEYWORDS_GONE: dict[tuple[str, str, str], str] = {
    # pandas
    (r"read_\w+", "error_bad_lines", "False"): 'on_bad_lines="skip"',  # 2.0
    (r"read_\w+", "error_bad_lines", "True"): "",
    (r"read_\w+", "warn_bad_lines", "False"): "",  # 2.0
    (r"read_\w+", "warn_bad_lines", "True"): 'on_bad_lines="warn"',
    (r"read_\w+", "squeeze", "True"): '.squeeze("columns")',  # 2.0
    (r"read_\w+", "squeeze", "False"): "",
    (r"read_\w+", "infer_datetime_format", ""): "",  # 3.0
    (r"read_\w+", "mangle_dupe_cols", ""): "",  # 2.0
    (r"read_\w+", "tupleize_cols", ""): "",  # 1.0
    (r"read_\w+", "delim_whitespace", "True"): r'sep=r"\s+"',  # 3.0
    (r"read_\w+", "delim_whitespace", "False"): "",
    (r"read_\w+", "keep_date_col", ""): "",  # 3.0
    (r"read_\w+", "verbose", ""): "",  # 3.0
    (r"read_excel", "convert_float", ""): "",  # 2.0
    (r"read_\w+", "date_parser", ""): "date_format={value}",  # 3.0, where it was a format
    (r"to_datetime", "infer_datetime_format", ""): "",  # 3.0
    (r"to_datetime", "box", ""): "",  # 1.0
    (r"describe", "datetime_is_numeric", ""): "",  # 2.0
    (r"to_(csv|excel|json)", "line_terminator", ""): "lineterminator={value}",  # 2.0
    (r"to_excel", "encoding", ""): "",  # 2.0
    (r"to_excel", "verbose", ""): "",  # 2.0
    (r"date_range|bdate_range", "closed", "None"): "",  # 2.0
    (r"date_range|bdate_range", "closed", ""): "inclusive={value}",  # 2.0
    (r"between", "inclusive", "True"): 'inclusive="both"',  # 1.3
    (r"between", "inclusive", "False"): 'inclusive="neither"',  # 1.3
    (r"fillna", "method", '"ffill"'): "",
    (r"groupby", "squeeze", ""): "",  # 2.0
    (r"groupby", "axis", "0"): "",  # 3.0
    (r"resample", "loffset", ""): "",  # 2.0
    (r"resample|Grouper", "base", ""): "offset={value}",  # 2.0
    (r"rolling|ewm|expanding", "axis", "0"): "",  # 3.0
    (
        r"set_axis|set_categories|add_categories|rename_categories|reorder_categories|as_ordered",
        "inplace",
        "False",
    ): "",  # 2.0
    (r"drop_duplicates", "take_last", "True"): 'keep="last"',
    (r"concat", "join_axes", ""): "",  # 1.0
    (r"to_dict", "outtype", ""): "orient={value}",
    # matplotlib
    (r"hist", "normed", ""): "density={value}",  # 3.1
    (r"grid", "b", ""): "visible={value}",  # 3.6
    (r"boxplot|bxp", "labels", ""): "tick_labels={value}",  # 3.11
    (r"stem", "use_line_collection", ""): "",  # 3.8
    (r"subplots?|add_subplot|axes", "axisbg", ""): "facecolor={value}",  # 2.2
    (r"savefig", "frameon", ""): "",  # 3.3
    (r"(sym)?log(log|x|y)?|semilog[xy]|set_[xy]scale|[xy]scale", "basex", ""): "base={value}",  # 3.5
    (r"(sym)?log(log|x|y)?|semilog[xy]|set_[xy]scale|[xy]scale", "basey", ""): "base={value}",  # 3.5
    (r"(sym)?log(log|x|y)?|semilog[xy]|set_[xy]scale|[xy]scale", "nonposx", ""): "nonpositive={value}",  # 3.5
    (r"(sym)?log(log|x|y)?|semilog[xy]|set_[xy]scale|[xy]scale", "nonposy", ""): "nonpositive={value}",  # 3.5
    # seaborn
    (r"\w*plot", "ci", "None"): "errorbar=None",  # 0.12
    (r"\w*plot", "ci", '"sd"'): 'errorbar="sd"',  # 0.12
    (r"\w*plot", "ci", ""): 'errorbar=("ci", {value})',  # 0.12
    (r"kdeplot", "shade", ""): "fill={value}",  # 0.11
    (r"kdeplot", "bw", ""): "bw_method={value}",  # 0.11
    (r"(lm|cat|rel|pair|joint)plot|FacetGrid|PairGrid", "size", ""): "height={value}",  # 0.9
    # scikit-learn
    (r"OneHotEncoder", "sparse", ""): "sparse_output={value}",  # 1.4
    (r"\w*(Bagging|AdaBoost|Calibrated|Chain|Selector|RFE)\w*", "base_estimator", ""): "estimator={value}",  # 1.4
    (r"AgglomerativeClustering|FeatureAgglomeration", "affinity", ""): "metric={value}",  # 1.4
    (r"(Linear|Ridge|Lasso|Elastic|Lars)\w*", "normalize", "False"): "",  # 1.2
    (r"mean_squared_error", "squared", "True"): "",  # 1.6
    (r"TSNE", "n_iter", ""): "max_iter={value}",  # 1.7
    (r"TSNE", "square_distances", ""): "",  # 1.3
    (
        r"RandomForest\w+|ExtraTrees\w+|DecisionTree\w+",
        "min_impurity_split",
        "",
    ): "min_impurity_decrease={value}",  # 1.0
    (r"DecisionTree\w+|GradientBoosting\w+", "presort", ""): "",  # 0.24
    (r"KMeans|MiniBatchKMeans", "n_jobs", ""): "",  # 1.0
    (r"KMeans", "precompute_distances", ""): "",  # 1.0
    (r"GridSearchCV|RandomizedSearchCV", "iid", ""): "",  # 0.24
    (r"train_test_split", "train_fraction", ""): "train_size={value}",
    (r"SGD\w+|Perceptron|PassiveAggressive\w+", "n_iter", ""): "max_iter={value}",  # 0.21
    (r"LogisticRegression\w*", "multi_class", ""): "",  # 1.8
    (r"SimpleImputer", "verbose", ""): "",  # 1.3
    # Keras, PyTorch, the standard library
    (r"fit|fit_generator", "nb_epoch", ""): "epochs={value}",  # 2
    (r"Adam|SGD|RMSprop|Adagrad|Adamax|Nadam|Adadelta", "lr", ""): "learning_rate={value}",  # Keras 2.11
    (r"Dense", "output_dim", ""): "units={value}",  # 2
    (r"sorted|sort", "cmp", ""): "key=functools.cmp_to_key({value})",  # 3.0
    (r"loads?|dumps?", "encoding", ""): "",  # json, 3.9
    (r"gather|sleep|wait|wait_for|create_task|Queue|Lock|Event|Semaphore", "loop", ""): "",  # asyncio, 3.10
}
"""(function, keyword, its value or nothing for any) -> the argument instead; nothing if it goes; `.x()` if a method does it."""
