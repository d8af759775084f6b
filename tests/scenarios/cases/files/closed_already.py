# The file is read after its with block.
# how = "edit"
# error = "ValueError: I/O operation on closed file."
# fails = 1
# swap = ["text = f.read()", "    text = f.read()", "header = f.readline()\n    text", "header = f.readline()\n    text"]
# holds = "text.split() == ['b', 'c']"
# blind = true
# [files]
# "letters.txt" = "a\nb\nc\n"

# %%
with open("letters.txt") as f:
    header = f.readline()
text = f.read()
# %%
print(header, text)
