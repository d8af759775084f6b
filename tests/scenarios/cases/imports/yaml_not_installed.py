# A file is parsed by a package that has another name where it is installed from.
# how = "action"
# error = "ModuleNotFoundError: No module named 'Crypto'"
# fails = 2
# says = "pycryptodome"
# blind = true

# %%
secret = b"attack at dawn!!"
# %%
from Crypto.Cipher import AES
cipher = AES.new(b"0123456789abcdef", AES.MODE_ECB)
# %%
cipher.encrypt(secret).hex()
