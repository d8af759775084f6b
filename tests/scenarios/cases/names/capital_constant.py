# A constant written in capitals is used in small letters.
# how = "edit"
# error = "NameError: name 'learning_rate' is not defined"
# fails = 4
# swap = ['learning_rate', 'LEARNING_RATE']
# holds = "abs(w - 3.0) < 0.01"
# blind = true

# %%
LEARNING_RATE = 0.1
N_STEPS = 60
# %%
xs = [1.0, 2.0, 3.0]
ys = [3.0, 6.0, 9.0]
# %%
def grad(w):
    return sum(2 * (w * x - y) * x for x, y in zip(xs, ys)) / len(xs)
# %%
w = 0.0
for step in range(N_STEPS):
    w -= learning_rate * grad(w)
print("w =", w)
