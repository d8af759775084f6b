# The file is in a folder below.
# how = "edit"
# error = "FileNotFoundError"
# fails = 2
# swap = ['"survey.csv"', '"data/survey.csv"']
# holds = "len(rows) == 2 and rows[0]['age'] == '34'"
# blind = true
# [files]
# "data/survey.csv" = "name,age\nA,34\nB,51\n"

# %%
import csv
# %%
with open("survey.csv") as f:
    rows = list(csv.DictReader(f))
rows
