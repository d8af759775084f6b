# Quotation marks as a word processor makes them.
# how = "edit"
# error = "SyntaxError: invalid character"
# fails = 2
# swap = ["“", '"', "”", '"']
# holds = "greeting == 'Hello, Kim'"
# blind = true

# %%
name = "Kim"
# %%
greeting = “Hello, ” + name
print(greeting)
