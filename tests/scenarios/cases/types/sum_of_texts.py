# Amounts come from a file as text, and sum needs numbers.
# how = "upstream"
# error = "TypeError: unsupported operand type(s) for +: 'int' and 'str'"
# fails = 3
# cause = 1
# swap = ["amounts.append(line.strip())", "amounts.append(float(line))"]
# holds = "total == 17.5 and mean == 8.75"
# blind = true
# [files]
# "amounts.txt" = "10.5\n7\n"

# %%
amounts = []
with open("amounts.txt") as f:
    for line in f:
        amounts.append(line.strip())
# %%
print(len(amounts), "amounts")
# %%
total = sum(amounts)
mean = total / len(amounts)
