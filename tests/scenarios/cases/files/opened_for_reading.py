# A file is opened for reading, and written to.
# how = "edit"
# error = "UnsupportedOperation: not writable"
# fails = 2
# swap = ['open("log.txt")', 'open("log.txt", "a")']
# holds = "'three' in open('log.txt').read()"
# blind = true
# [files]
# "log.txt" = "one\ntwo\n"

# %%
line = "three"
# %%
with open("log.txt") as f:
    f.write(line + "\n")
