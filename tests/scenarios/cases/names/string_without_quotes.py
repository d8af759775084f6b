# A column's name is written without quotes.
# how = "edit"
# error = "NameError: name 'temperature' is not defined"
# fails = 3
# swap = ['[temperature]', '["temperature"]']
# holds = "round(mean_temp, 2) == 18.5"
# blind = true

# %%
import pandas as pd
# %%
weather = pd.DataFrame({"city": ["Oslo", "Rome"], "temperature": [11.0, 26.0], "rain": [3, 0]})
# %%
mean_temp = weather[temperature].mean()
mean_temp
