# sort() sorts in place and gives None; the cell above kept its result.
# how = "upstream"
# error = "TypeError: 'NoneType' object is not subscriptable"
# fails = 4
# cause = 2
# swap = ["ranking = scores.sort(reverse=True)", "ranking = sorted(scores, reverse=True)"]
# holds = "ranking == [9, 7, 3] and top == 9 and n == 3"
# blind = true

# %%
scores = [3, 9, 7]
# %%
ranking = scores.sort(reverse=True)
# %%
n = len(scores)
print("players:", n)
# %%
top = ranking[0]
print("winner", top)
