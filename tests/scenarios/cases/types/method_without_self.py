# A method was written without self.
# how = "upstream"
# error = "TypeError: Timer.label() takes 0 positional arguments but 1 was given"
# fails = 3
# cause = 1
# swap = ["def label():", "def label(self):"]
# holds = "text == 'timer'"
# blind = true

# %%
class Timer:
    def __init__(self, seconds):
        self.seconds = seconds

    def label():
        return "timer"
# %%
t = Timer(5)
# %%
text = t.label()
text
