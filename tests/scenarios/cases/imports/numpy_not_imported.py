# np is used and numpy never imported.
# how = "edit"
# error = "NameError: name 'np' is not defined"
# fails = 3
# swap = ["angles = ", "import numpy as np\nangles = "]
# holds = "len(wave) == 5 and abs(wave[1] - 1) < 1e-9"
# blind = true

# %%
import matplotlib.pyplot as plt
# %%
amplitude = 1.0
# %%
angles = np.linspace(0, 2 * np.pi, 5)
wave = amplitude * np.sin(angles)
plt.plot(angles, wave)
