# A pasted line is indented by one too many.
# how = "edit"
# error = "IndentationError: unexpected indent"
# fails = 2
# swap = ["\n  b = ", "\nb = "]
# holds = "c == 9"
# blind = true

# %%
k = 3
# %%
a = k * 2
  b = k
c = a + b
