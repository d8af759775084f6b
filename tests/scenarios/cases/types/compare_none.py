# One measurement is missing; whether it counts as small or is left out is the author's to say.
# how = "none"
# error = "TypeError: '>' not supported between instances of 'NoneType' and 'float'"
# fails = 3
# blind = true

# %%
readings = [2.5, None, 7.1]
# %%
alarm = 5.0
# %%
loud = [r > alarm for r in readings]
loud
