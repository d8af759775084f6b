# A constant above names a folder that is called otherwise.
# how = "upstream"
# error = "FileNotFoundError"
# fails = 4
# cause = 2
# swap = ['"dataset"', '"datasets"']
# holds = "lines == ['1', '2', '3']"
# blind = true
# [files]
# "datasets/small.txt" = "1\n2\n3\n"

# %%
from pathlib import Path
# %%
DATA = Path("dataset")
# %%
limit = 10
# %%
lines = (DATA / "small.txt").read_text().split()[:limit]
lines
