# A function counts up a name of the notebook without saying that it is global.
# how = "upstream"
# error = "UnboundLocalError"
# fails = 3
# cause = 2
# swap = ['    calls += 1', "    global calls\n    calls += 1"]
# holds = "calls == 3 and out == [0, 1, 4]"
# blind = true

# %%
calls = 0
# %%
def square(n):
    calls += 1
    return n * n
# %%
out = [square(i) for i in range(3)]
calls, out
