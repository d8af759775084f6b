# A quotation mark is missing.
# how = "edit"
# error = "SyntaxError: unterminated string literal"
# fails = 2
# swap = ["'Oslo]", "'Oslo']"]
# holds = "n == 2"
# blind = true

# %%
country = "Norway"
# %%
cities = ['Bergen', 'Oslo]
n = len(cities)
