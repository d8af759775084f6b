# shuffle works in place, and its result is None.
# how = "upstream"
# error = "TypeError: 'NoneType' object is not subscriptable"
# fails = 4
# cause = 3
# swap = ["deck = random.shuffle(deck)", "random.shuffle(deck)"]
# holds = "sorted(deck) == list(range(10)) and len(hand) == 3"
# blind = true

# %%
import random
random.seed(4)
# %%
deck = list(range(10))
# %%
deck = random.shuffle(deck)
# %%
hand = deck[:3]
hand
