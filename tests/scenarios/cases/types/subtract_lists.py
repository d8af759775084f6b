# Two lists are subtracted: elementwise or as sets, nobody can tell.
# how = "none"
# error = "TypeError: unsupported operand type(s) for -: 'list' and 'list'"
# fails = 2
# blind = true

# %%
before = [5, 7, 9]
after = [5, 6, 9]
# %%
diff = before - after
diff
