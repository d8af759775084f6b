# Arrays do not grow: numpy's append is a function.
# how = "edit"
# error = "AttributeError: 'numpy.ndarray' object has no attribute 'append'"
# fails = 2
# swap = ["readings.append(21.5)", "readings = np.append(readings, 21.5)"]
# holds = "list(readings) == [19.0, 20.5, 21.5]"
# blind = true

# %%
import numpy as np
readings = np.array([19.0, 20.5])
# %%
readings.append(21.5)
# %%
print(len(readings), readings.max())
