# A sum of two numbers has taken the name of the function sum.
# how = "upstream"
# error = "TypeError: 'int' object is not callable"
# fails = 4
# cause = 2
# swap = ["sum = a + b", "ab = a + b", "print(sum)", "print(ab)"]
# holds = "total == 6"
# blind = true

# %%
a, b = 2, 3
# %%
sum = a + b
print(sum)
# %%
vals = [1, 2, 3]
# %%
total = sum(vals)
total
