# else if is elif.
# how = "edit"
# error = "SyntaxError: expected ':'"
# fails = 1
# swap = ["else if", "elif"]
# holds = "grades == ['high', 'mid', 'low']"
# blind = true

# %%
def grade(x):
    if x > 8:
        return "high"
    else if x > 4:
        return "mid"
    else:
        return "low"
# %%
grades = [grade(v) for v in (9, 5, 1)]
grades
