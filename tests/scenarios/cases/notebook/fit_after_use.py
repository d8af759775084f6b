# The result of a fit is used in a cell above the fit.
# how = "order"
# error = "NameError: name 'slope' is not defined"
# fails = 3
# cause = 4
# holds = "forecast == 10.0"
# blind = true

# %%
xs = [1, 2, 3]
ys = [2, 4, 6]
# %%
def fit(xs, ys):
    return sum(x * y for x, y in zip(xs, ys)) / sum(x * x for x in xs)
# %%
forecast = 5 * slope
print(forecast)
# %%
slope = fit(xs, ys)
