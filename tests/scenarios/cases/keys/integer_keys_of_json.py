# JSON turns number keys into text.
# how = "edit"
# error = "KeyError: 2"
# fails = 4
# swap = ["table[2]", 'table["2"]']
# holds = "name == 'two'"
# blind = true

# %%
import json
# %%
text = json.dumps({1: "one", 2: "two"})
# %%
table = json.loads(text)
# %%
name = table[2]
name
