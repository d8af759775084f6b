# Names read from a file keep the end of their line, and so do the keys.
# how = "upstream"
# error = "KeyError: 'red'"
# fails = 3
# cause = 1
# swap = ["name, value = line.split(',')", "name, value = line.strip().split(',')", "colors[value] = name", "colors[value] = name"]
# holds = "code == '#f00'"
# blind = true
# [files]
# "colors.txt" = "#f00,red\n#0f0,green\n"

# %%
colors = {}
for line in open('colors.txt'):
    name, value = line.split(',')
    colors[value] = name
# %%
wanted = 'red'
# %%
code = colors[wanted]
code
