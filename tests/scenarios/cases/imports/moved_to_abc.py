# Mapping has moved to collections.abc.
# how = "edit"
# error = "ImportError: cannot import name 'Mapping' from 'collections'"
# fails = 1
# swap = ['from collections import Mapping, OrderedDict', "from collections import OrderedDict\nfrom collections.abc import Mapping"]
# holds = "flat == {'a': 1, 'b.c': 2, 'b.d': 3}"
# blind = true

# %%
from collections import Mapping, OrderedDict
# %%
config = OrderedDict(a=1, b={"c": 2, "d": 3})
# %%
flat = {}
for key, value in config.items():
    if isinstance(value, Mapping):
        flat.update({f"{key}.{k}": v for k, v in value.items()})
    else:
        flat[key] = value
flat
