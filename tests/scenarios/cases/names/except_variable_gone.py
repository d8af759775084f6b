# The name of an exception is gone after its except block.
# how = "edit"
# error = "NameError: name 'err' is not defined"
# fails = 2
# swap = ['        failures += 1', "        failures += 1\n        last = err", '{err}', '{last}']
# holds = "failures == 1 and 'abc' in message"
# blind = true

# %%
raw = ["12", "abc", "7"]
# %%
failures = 0
numbers = []
for item in raw:
    try:
        numbers.append(int(item))
    except ValueError as err:
        failures += 1
message = f"{failures} failed, last: {err}"
print(message)
