# A method is called on the class; an instance exists.
# how = "edit"
# error = "TypeError: Bag.size() missing 1 required positional argument: 'self'"
# fails = 3
# swap = ["Bag.size()", "bag.size()"]
# holds = "n == 2"
# blind = true

# %%
class Bag:
    def __init__(self, things):
        self.things = things

    def size(self):
        return len(self.things)
# %%
bag = Bag(["pen", "cup"])
# %%
n = Bag.size()
n
