# A cell further down has reused the frame's name, and then the plot above was wanted again.
# how = "order"
# error = "AttributeError"
# fails = 4
# cause = 2
# also = [1]
# ran = [1, 2, 3, 4, 5, 4]
# holds = "top == 'b'"
# blind = true

# %%
import pandas as pd
# %%
data = pd.DataFrame({"k": ["a", "b"], "v": [3, 8]})
# %%
caption = "The best"
# %%
top = data.set_index("k")["v"].idxmax()
print(caption, top)
# %%
data = data["v"].sum()
data
