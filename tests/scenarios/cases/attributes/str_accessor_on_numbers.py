# Zip codes were read as numbers, so that they have no text methods and no leading zeros.
# how = "upstream"
# error = "AttributeError: Can only use .str accessor with string values"
# fails = 4
# cause = 3
# swap = ['read_csv(data)', 'read_csv(data, dtype={"zip": str})']
# holds = "regions == ['02', '10'] or list(regions) == ['02', '10']"
# blind = true

# %%
import pandas as pd
import io
# %%
data = io.StringIO("name,zip\nBoston,02108\nNYC,10001\n")
# %%
people = pd.read_csv(data)
people.head()
# %%
regions = list(people["zip"].str[:2])
regions
