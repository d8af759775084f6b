# A method reads an attribute without self.
# how = "upstream"
# error = "NameError: name 'balance' is not defined"
# fails = 3
# cause = 2
# swap = ['return balance', 'return self.balance']
# holds = "total == 130"
# blind = true

# %%
entries = [100, -20, 50]
# %%
class Account:
    def __init__(self, start=0):
        self.balance = start

    def book(self, amount):
        self.balance += amount

    def report(self):
        return balance
# %%
acc = Account()
for e in entries:
    acc.book(e)
total = acc.report()
print(total)
