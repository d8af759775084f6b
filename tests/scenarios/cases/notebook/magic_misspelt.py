# A line magic is misspelt.
# how = "edit"
# error = "UsageError"
# fails = 1
# swap = ["%matplotlb", "%matplotlib"]
# holds = "len(ax.patches) == 2"
# blind = true

# %%
%matplotlb inline
import matplotlib.pyplot as plt
# %%
fig, ax = plt.subplots()
ax.bar(["a", "b"], [1, 2])
