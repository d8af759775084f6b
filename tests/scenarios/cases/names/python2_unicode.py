# unicode() of Python 2 is str() now.
# how = "upstream"
# error = "NameError: name 'unicode' is not defined"
# fails = 3
# cause = 2
# swap = ['unicode(', 'str(']
# holds = "labels == ['1: a', '2: b']"
# blind = true

# %%
pairs = [(1, "a"), (2, "b")]
# %%
def label(n, text):
    return unicode(n) + ": " + text
# %%
labels = [label(*p) for p in pairs]
labels
