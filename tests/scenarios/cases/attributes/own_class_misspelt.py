# An attribute of the notebook's own class is misspelt.
# how = "edit"
# error = "AttributeError: 'Robot' object has no attribute 'positon'"
# fails = 3
# swap = ["positon", "position"]
# holds = "path == [1, 3, 6]"
# blind = true

# %%
class Robot:
    def __init__(self):
        self.position = 0
        self.energy = 10

    def move(self, n):
        self.position += n
        self.energy -= 1
# %%
r = Robot()
# %%
path = []
for n in (1, 2, 3):
    r.move(n)
    path.append(r.positon)
path
