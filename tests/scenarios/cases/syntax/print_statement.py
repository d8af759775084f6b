# print of Python 2.
# how = "edit"
# error = "SyntaxError: Missing parentheses in call to 'print'"
# fails = 2
# swap = ['print "mean:", m', 'print("mean:", m)']
# holds = "printed == 'mean: 2.0\\n'"
# blind = true

# %%
m = 2.0
# %%
print "mean:", m
