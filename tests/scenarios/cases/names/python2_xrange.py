# A loop from the days of Python 2.
# how = "edit"
# error = "NameError: name 'xrange' is not defined"
# fails = 2
# swap = ['xrange', 'range']
# holds = "fib == [0, 1, 1, 2, 3, 5, 8, 13]"
# blind = true

# %%
fib = [0, 1]
# %%
for i in xrange(6):
    fib.append(fib[-1] + fib[-2])
fib
