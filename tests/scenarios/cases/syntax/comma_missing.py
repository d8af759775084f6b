# A comma is missing between two entries of a dict.
# how = "edit"
# error = "SyntaxError"
# fails = 1
# swap = ["\"width\": 3\n", "\"width\": 3,\n"]
# holds = "area == 12"
# blind = true

# %%
box = {
    "width": 3
    "height": 4,
}
# %%
area = box["width"] * box["height"]
area
