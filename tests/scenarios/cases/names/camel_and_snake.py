# A function is defined in snake case and called in camel case.
# how = "edit"
# error = "NameError: name 'computeScore' is not defined"
# fails = 4
# swap = ['computeScore', 'compute_score']
# holds = "scores == [11.0, 7.5, 4.0]"
# blind = true

# %%
import statistics
# %%
results = [[10, 12], [7, 8], [3, 4, 5]]
# %%
def compute_score(runs):
    """Mean of the runs."""
    return float(statistics.mean(runs))
# %%
scores = []
for r in results:
    scores.append(computeScore(r))
scores
