# The file's name begins with a capital.
# how = "edit"
# error = "FileNotFoundError"
# fails = 1
# swap = ["readme.txt", "README.txt"]
# holds = "words == 4"
# blind = true
# [files]
# "README.txt" = "please read me first"

# %%
text = open("readme.txt").read()
words = len(text.split())
# %%
print(words)
