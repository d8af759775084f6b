# The second dimension of zeros was taken for its type.
# how = "edit"
# error = "TypeError: Cannot interpret '3' as a data type"
# fails = 2
# swap = ["np.zeros(2, 3)", "np.zeros((2, 3))"]
# holds = "board.shape == (2, 3) and board[1, 2] == 7"
# blind = true

# %%
import numpy as np
# %%
board = np.zeros(2, 3)
board[1, 2] = 7
board
