# A method that is not there; two others are as near.
# how = "none"
# error = "AttributeError: 'Sensor' object has no attribute 'read_value'"
# fails = 3
# blind = true

# %%
class Sensor:
    def read_raw(self):
        return 1023

    def read_volts(self):
        return 5.0
# %%
sensor = Sensor()
# %%
v = sensor.read_value()
v
