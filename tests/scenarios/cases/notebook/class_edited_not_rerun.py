# A class got a new method; the object was made from the old one.
# how = "order"
# error = "AttributeError: 'Cart' object has no attribute 'total'"
# fails = 4
# cause = 2
# ran = [1, 2, 4]
# holds = "t == 8"
# blind = true

# %%
prices = [3, 5]
# %%
class Cart:
    def __init__(self, prices):
        self.prices = prices

    def total(self):
        return sum(self.prices)
# %% [before]
class Cart:
    def __init__(self, prices):
        self.prices = prices
# %%
currency = "EUR"
# %%
cart = Cart(prices)
t = cart.total()
t
