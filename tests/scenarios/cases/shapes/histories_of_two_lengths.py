# The losses are appended twice a step above, so that they do not fit the steps.
# how = "upstream"
# error = "ValueError: x and y must have same first dimension"
# fails = 4
# cause = 3
# swap = ["    losses.append(loss)\n    loss *= 0.5\n    losses.append(loss)", "    losses.append(loss)\n    loss *= 0.5"]
# holds = "losses == [1.0, 0.5, 0.25] and len(steps) == 3"
# blind = true

# %%
import matplotlib.pyplot as plt
# %%
steps, losses = [], []
loss = 1.0
# %%
for step in range(3):
    steps.append(step)
    losses.append(loss)
    loss *= 0.5
    losses.append(loss)
# %%
plt.plot(steps, losses)
plt.xlabel("step")
