# A dict's entry is read with a dot.
# how = "edit"
# error = "AttributeError: 'dict' object has no attribute 'epochs'"
# fails = 2
# swap = ["config.epochs", "config['epochs']"]
# holds = "history == [1.0, 0.5, 0.25]"
# blind = true

# %%
config = {"lr": 0.5, "epochs": 3}
# %%
history = []
loss = 1.0
for e in range(config.epochs):
    history.append(loss)
    loss *= 0.5
history
