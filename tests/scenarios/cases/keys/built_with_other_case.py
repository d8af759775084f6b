# Keys are built in capitals above and looked up in small letters below.
# how = "upstream"
# error = "KeyError: 'de'"
# fails = 4
# cause = 2
# swap = ["codes[c.upper()]", "codes[c]"]
# holds = "texts == ['Germany', 'France']"
# blind = true

# %%
countries = [("de", "Germany"), ("fr", "France")]
# %%
codes = {}
for c, full in countries:
    codes[c.upper()] = full
# %%
visits = ["de", "fr"]
# %%
texts = [codes[v] for v in visits]
texts
