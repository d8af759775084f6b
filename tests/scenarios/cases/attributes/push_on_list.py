# A list has no push.
# how = "edit"
# error = "AttributeError: 'list' object has no attribute 'push'"
# fails = 3
# swap = [".push(", ".append("]
# holds = "stack == ['(', '('] and depth == 2"
# blind = true

# %%
text = "((a)(b"
# %%
stack = []
depth = 0
# %%
for ch in text:
    if ch == "(":
        stack.push(ch)
        depth = max(depth, len(stack))
    elif ch == ")":
        stack.pop()
stack, depth
