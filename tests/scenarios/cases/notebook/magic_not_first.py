# A cell magic has to stand in the first line of its cell.
# how = "edit"
# error = "UsageError: Line magic function `%%time` not found"
# fails = 2
# swap = ["# timing\n%%time\n", "%%time\n# timing\n"]
# holds = "s == 4950"
# blind = true

# %%
n = 100
# %%
# timing
%%time
s = sum(range(n))
