# A trailing comma has made a number a tuple.
# how = "upstream"
# error = "TypeError: "
# fails = 3
# cause = 1
# swap = ["rate = 0.19,", "rate = 0.19"]
# holds = "round(gross, 2) == 119.0"
# blind = true

# %%
rate = 0.19,
currency = "EUR"
# %%
net = 100
# %%
gross = net * (1 + rate)
print(gross, currency)
