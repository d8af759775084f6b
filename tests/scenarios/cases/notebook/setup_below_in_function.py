# A function above needs a table that is made only below its first call.
# how = "order"
# error = "NameError: name 'RATES' is not defined"
# fails = 4
# cause = 6
# holds = "euros == 18.0"
# blind = true

# %%
amounts = {"USD": 20}
# %%
def to_euro(amount, unit):
    return amount * RATES[unit]
# %%
note = "rates of today"
# %%
euros = sum(to_euro(a, u) for u, a in amounts.items())
euros
# %%
print(note)
# %%
RATES = {"USD": 0.9, "GBP": 1.2}
