# An argument of the notebook's own function is missing, and nothing says what it should be.
# how = "none"
# error = "TypeError: resize() missing 1 required positional argument: 'height'"
# fails = 3
# blind = true

# %%
def resize(image, width, height):
    return [row[:width] for row in image[:height]]
# %%
image = [[1, 2, 3], [4, 5, 6]]
# %%
small = resize(image, 2)
small
