"""The fix rules: which causes are looked for behind which error. This table is the contents of the room.

A rule is a pure function from a request to candidates. It knows one cause, not one example, and proposes nothing where
it does not recognise it. The first matching family's rules come first, those of ANY error last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ai_notebook_ls.core.candidates import CONFIDENCE_ORDER, Candidate
from ai_notebook_ls.core.context import FixRequest
from ai_notebook_ls.providers.builtin.rules import (
    attributes,
    calls,
    imports,
    keys,
    names,
    order,
    removed_api,
    syntax,
    types,
    values,
)

Rule = Callable[[FixRequest], Iterator[Candidate]]

RULES: dict[str, tuple[Rule, ...]] = {
    "SyntaxError": (syntax.repairs,),
    "NameError": (
        names.other_spelling,
        names.global_in_function,
        names.used_before_defined,
        imports.missing_import,
        imports.missing_member,
        imports.missing_prefix,
        order.defined_below,
        names.misspelt,
        names.unquoted_column,
    ),
    "ModuleNotFoundError": (imports.moved_module, imports.misspelt_module, imports.install),
    "ImportError": (imports.moved_name, imports.moved_module),
    "AttributeError": (
        removed_api.numpy_member,
        removed_api.dataframe_append,
        removed_api.attribute_renamed,
        removed_api.pandas_numpy,
        removed_api.member_moved,
        removed_api.shadowing_import,
        attributes.result_of_in_place,
        attributes.other_idiom,
        attributes.member_of_namesake,
        attributes.misspelt,
    ),
    "KeyError": (
        keys.columns_without_list,
        keys.column_dropped_as_row,
        keys.column_as_label,
        keys.key_of_other_type,
        keys.counted_from_nothing,
        keys.misspelt,
    ),
    "TypeError": (
        types.text_plus_number,
        types.text_as_number,
        types.join_numbers,
        types.unhashable,
        types.lazy_as_list,
        types.whole_number_wanted,
        types.number_not_iterable,
        types.missing_await,
        types.add_item_to_list,
        types.json_of_numpy,
        calls.shadowed_builtin,
        calls.called_container,
        calls.called_value,
        calls.uncalled,
        calls.fill_method,
        calls.wrong_keyword,
        calls.missing_self,
        calls.numeric_only,
        values.pairs_of_mapping,
        attributes.result_of_in_place,
        removed_api.member_moved,
    ),
    "ValueError": (
        values.truth_of_many,
        values.table_wanted,
        values.pairs_of_mapping,
        values.scalars_need_index,
        values.whole_number_in_text,
        values.single_quoted_json,
        removed_api.frequency_renamed,
        keys.misspelt,
    ),
    "IndexError": (values.past_the_end,),
    "OSError": (values.file_nearby, removed_api.style_renamed),
}
"""Name of an exception class -> the rules for it and its subclasses."""

BASES = {
    "IndentationError": "SyntaxError",
    "TabError": "SyntaxError",
    "_IncompleteInputError": "SyntaxError",
    "UnboundLocalError": "NameError",
    "FileNotFoundError": "OSError",
    "JSONDecodeError": "ValueError",
    "UFuncTypeError": "TypeError",
    "UFuncNoLoopError": "TypeError",
    "_UFuncNoLoopError": "TypeError",
}
"""The family of an exception whose bases the kernel could not be asked for."""


def propose(request: FixRequest) -> list[Candidate]:
    """Return what the rules propose, the surest first; a rule that fails takes no other with it."""
    found: list[Candidate] = []
    for rule in _rules(request):
        for candidate in _guarded(rule, request):
            if not any((each.edits, each.run_first) == (candidate.edits, candidate.run_first) for each in found):
                found.append(candidate)
    return sorted(found, key=lambda each: CONFIDENCE_ORDER.index(each.confidence))


def _rules(request: FixRequest) -> Iterator[Rule]:
    name = request.failure.ename
    bases = request.evidence.bases if request.evidence else ()
    for family in dict.fromkeys((name, *bases, BASES.get(name, ""))):
        yield from RULES.get(family, ())


def _guarded(rule: Rule, request: FixRequest) -> list[Candidate]:
    # Rules read text that no parser has blessed; what one cannot read it has no proposal for.
    try:
        return list(rule(request))
    except (LookupError, ValueError, RecursionError, AttributeError):
        return []
