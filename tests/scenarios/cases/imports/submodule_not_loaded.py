# A submodule is used though only its package was imported.
# how = "edit"
# error = "AttributeError: module 'xml' has no attribute 'etree'"
# fails = 3
# cause = 1
# swap = ["import xml", "import xml.etree.ElementTree"]
# holds = "titles == ['Dune', 'Emma']"
# blind = true

# %%
import xml
# %%
doc = "<books><b>Dune</b><b>Emma</b></books>"
# %%
root = xml.etree.ElementTree.fromstring(doc)
titles = [b.text for b in root]
titles
