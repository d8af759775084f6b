# A value of %%capture is asked for under another name than it was kept.
# how = "edit"
# error = "NameError: name 'captured' is not defined"
# fails = 3
# swap = ["captured", "capture"]
# holds = "text == 'hello\\n'"
# blind = true

# %%
word = "hello"
# %%
%%capture capture
print(word)
# %%
text = captured.stdout
text
