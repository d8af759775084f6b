# A function of pyplot is misspelt.
# how = "edit"
# error = "AttributeError: module 'matplotlib.pyplot' has no attribute 'subplot2'"
# fails = 3
# swap = ["subplot2(", "subplots("]
# holds = "len(ax.lines) == 1 and ax.get_title() == 'walk'"
# blind = true

# %%
import matplotlib.pyplot as plt
# %%
walk = [0, 1, 0, -1, -2, -1]
# %%
fig, ax = plt.subplot2(figsize=(4, 3))
ax.plot(walk)
ax.set_title("walk")
