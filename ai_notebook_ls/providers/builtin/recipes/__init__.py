"""Ready improvements that need no model, one file each; each changes only what it is certain of."""

from ai_notebook_ls.providers.builtin.recipes.docstring import DOCSTRING
from ai_notebook_ls.providers.builtin.recipes.f_strings import F_STRINGS
from ai_notebook_ls.providers.builtin.recipes.imports import IMPORTS
from ai_notebook_ls.providers.builtin.recipes.modernise import MODERNISE
from ai_notebook_ls.providers.builtin.recipes.pathlib import PATHLIB
from ai_notebook_ls.providers.builtin.recipes.types import TYPES
from ai_notebook_ls.providers.builtin.recipes.unused import UNUSED

RECIPES = (IMPORTS, UNUSED, MODERNISE, F_STRINGS, PATHLIB, TYPES, DOCSTRING)

__all__ = ["RECIPES"]
