# %% [markdown]
# # A week at the bakery
#
# The same story as tour.ipynb, shorter, for editors and the terminal:
#
#     ai-notebook-ls fix examples/tour.py

# %%
sales = {"Mon": 31, "Tue": 28, "Wed": 35, "Thu": 30, "Fri": 44, "Sat": 61}

# %% The first failing cell: a misspelt name
total = sum(salse.values())
print("Loaves sold:", total)

# %% Text and a number
print("Most loaves in one day: " + max(sales.values()))

# %% A missing import
print("Loaves a day:", math.floor(total / len(sales)))

# %% A key that does not exist
print("On Saturday:", sales["Sta"])
