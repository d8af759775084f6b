# A column was renamed above; the cell below still uses the old name.
# how = "edit"
# error = "KeyError: 'temp'"
# fails = 4
# swap = ['["temp"]', '["temp_c"]']
# holds = "round(w['temp_f'].iloc[0], 1) == 50.0"
# blind = true

# %%
import pandas as pd
# %%
w = pd.DataFrame({"temp": [10, 20], "hum": [80, 60]})
# %%
w = w.rename(columns={"temp": "temp_c"})
# %%
w["temp_f"] = w["temp"] * 9 / 5 + 32
w
