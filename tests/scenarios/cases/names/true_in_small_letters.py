# A constant of another language: true instead of True.
# how = "edit"
# error = "NameError: name 'true' is not defined"
# fails = 2
# swap = ['true', 'True']
# holds = "ordered == [9, 5, 1]"
# blind = true

# %%
values = [5, 1, 9]
# %%
ordered = sorted(values, reverse=true)
ordered
