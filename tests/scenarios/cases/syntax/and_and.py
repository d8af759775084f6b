# && is and.
# how = "edit"
# error = "SyntaxError: invalid syntax"
# fails = 2
# swap = ["&&", "and"]
# holds = "ok is True"
# blind = true

# %%
t, h = 21, 40
# %%
ok = t > 18 && h < 60
ok
