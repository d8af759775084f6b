# A currency sign made the column of prices text.
# how = "upstream"
# error = "TypeError"
# fails = 4
# cause = 2
# swap = ['"$2.50"]})', "\"$2.50\"]})\nmenu[\"price\"] = menu[\"price\"].str.replace(\"$\", \"\", regex=False).astype(float)"]
# holds = "abs(total - 8.4) < 1e-9"
# blind = true

# %%
import pandas as pd
# %%
menu = pd.DataFrame({"dish": ["soup", "bread"], "price": ["$4.50", "$2.50"]})
# %%
vat = 1.2
# %%
total = (menu["price"] * vat).sum()
total
