# = where == is meant.
# how = "edit"
# error = "SyntaxError: cannot assign to subscript here"
# fails = 3
# swap = ['if r["ok"] = True:', 'if r["ok"] == True:']
# holds = "good == [1]"
# blind = true

# %%
rows = [{"id": 1, "ok": True}, {"id": 2, "ok": False}]
# %%
good = []
# %%
for r in rows:
    if r["ok"] = True:
        good.append(r["id"])
good
