"""The fix rules: which causes are looked for behind which error. This table is the contents of the room.

A rule is a pure function from a request to candidates. It knows one cause, not one example, and proposes nothing where
it does not recognise it. The first matching family's rules come first, those of ANY error last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ai_notebook_ls.core.candidates import CONFIDENCE_ORDER, Candidate
from ai_notebook_ls.core.context import FixRequest
from ai_notebook_ls.providers.builtin.rules import (
    accessors,
    arguments,
    asynchronous,
    attributes,
    calls,
    classes,
    columns,
    dates,
    files,
    imports,
    items,
    keys,
    labels,
    names,
    notebook_magics,
    nothing,
    operators,
    order,
    removed_api,
    removed_methods,
    shadows,
    shapes,
    syntax,
    types,
    values,
)

Rule = Callable[[FixRequest], Iterator[Candidate]]

RULES: dict[str, tuple[Rule, ...]] = {
    "SyntaxError": (asynchronous.await_in_plain_function, syntax.repairs),
    "UsageError": (notebook_magics.not_found,),
    "NameError": (
        keys.misspelt_in_query,
        names.other_spelling,
        classes.self_forgotten,
        names.global_in_function,
        names.used_before_defined,
        imports.missing_import,
        imports.missing_member,
        imports.missing_prefix,
        order.defined_below,
        names.misspelt,
        names.unquoted_column,
    ),
    "ModuleNotFoundError": (imports.moved_module, imports.local_module, imports.misspelt_module, imports.install),
    "ImportError": (imports.relative_import, imports.moved_name, imports.moved_module, shadows.hidden_module),
    "AttributeError": (
        removed_api.numpy_member,
        removed_api.dataframe_append,
        removed_methods.gone,
        removed_api.attribute_renamed,
        removed_api.pandas_numpy,
        removed_api.member_moved,
        removed_api.shadowing_import,
        shadows.hidden_module,
        shadows.hidden_name,
        classes.super_uncalled,
        classes.parent_not_made,
        classes.class_for_instance,
        nothing.none_was_stored,
        nothing.no_match,
        asynchronous.missing_await,
        items.collection_for_item,
        items.keys_of_mapping,
        items.text_of_json,
        items.mean_of_rows,
        columns.text_where_numbers_are_wanted,
        files.text_or_file,
        accessors.of_a_column,
        accessors.setter,
        accessors.of_another_type,
        accessors.fitted_attribute,
        accessors.uncalled_owner,
        accessors.key_as_attribute,
        accessors.one_of_many,
        attributes.other_idiom,
        attributes.member_of_namesake,
        labels.column_in_index,
        arguments.wrong_keyword,
        attributes.misspelt,
        order.made_below,
        order.prepared_below,
    ),
    "KeyError": (
        keys.misspelt_in_query,
        keys.columns_without_list,
        keys.column_dropped_as_row,
        keys.column_as_label,
        keys.key_of_other_type,
        keys.counted_from_nothing,
        labels.column_in_index,
        labels.place_as_label,
        labels.whole_row_of_apply,
        labels.spaces_in_columns,
        files.other_separator,
        labels.misspelt_where_made,
        labels.suffixed_by_merge,
        items.item_as_place,
        shapes.past_the_end,
        order.made_below,
        keys.misspelt,
        order.prepared_below,
    ),
    "TypeError": (
        operators.brackets_around_conditions,
        operators.comma_left_out,
        operators.stray_comma,
        operators.types_in_a_list,
        asynchronous.missing_await,
        asynchronous.awaited_value,
        asynchronous.loops_and_contexts,
        asynchronous.gathered_list,
        columns.text_where_numbers_are_wanted,
        columns.missing_in_whole_numbers,
        columns.mask_with_gaps,
        dates.index_of_no_dates,
        dates.time_zones,
        shadows.hidden_name,
        types.text_plus_number,
        types.text_as_number,
        types.join_numbers,
        types.unhashable,
        types.lazy_where_made,
        types.lazy_as_list,
        types.whole_number_wanted,
        types.number_not_iterable,
        types.add_item_to_list,
        types.json_of_numpy,
        classes.missing_self,
        classes.class_for_instance,
        classes.special_misspelt,
        classes.super_uncalled,
        arguments.wrong_keyword,
        arguments.by_name_only,
        arguments.left_out,
        arguments.twice,
        calls.called_container,
        calls.called_value,
        calls.uncalled,
        calls.fill_method,
        calls.numeric_only,
        shapes.shape_as_arguments,
        shapes.sequence_as_arguments,
        items.collection_for_item,
        items.item_as_place,
        items.keys_of_mapping,
        items.text_of_json,
        items.side_by_side,
        operators.joined_mappings,
        operators.list_as_array,
        operators.fixed_item,
        operators.values_of_format,
        operators.swapped_arguments,
        files.mode_of_opening,
        files.text_or_file,
        files.text_to_write,
        labels.label_as_place,
        labels.whole_row_of_apply,
        removed_methods.level_of_reduction,
        removed_methods.projection_of_gca,
        removed_methods.sum_of_generator,
        values.pairs_of_mapping,
        nothing.none_was_stored,
        nothing.no_match,
        removed_api.member_moved,
        order.prepared_below,
    ),
    "ValueError": (
        operators.brackets_around_conditions,
        values.truth_of_many,
        values.table_wanted,
        values.pairs_of_mapping,
        values.scalars_need_index,
        values.whole_number_in_text,
        values.number_with_commas,
        values.single_quoted_json,
        columns.conversion_of_text,
        columns.text_where_numbers_are_wanted,
        columns.missing_in_whole_numbers,
        columns.mask_with_gaps,
        columns.keys_of_two_kinds,
        calls.numeric_only,
        dates.other_format,
        dates.rest_of_a_time,
        dates.order_of_day_and_month,
        shapes.transposed,
        shapes.one_more_axis,
        shapes.reshaped,
        shapes.ragged,
        items.side_by_side,
        operators.values_of_format,
        labels.values_of_other_length,
        files.other_encoding,
        files.other_separator,
        files.mode_of_opening,
        files.text_or_file,
        files.json_lines,
        arguments.wrong_keyword,
        arguments.wrong_option,
        removed_methods.renamed_keys_of_row,
        removed_methods.unknown_errors_option,
        removed_api.frequency_renamed,
        keys.misspelt,
        order.prepared_below,
    ),
    "IndexError": (shapes.past_the_end, items.item_as_place, order.prepared_below),
    "RuntimeError": (
        asynchronous.loop_runs_already,
        asynchronous.missing_await,
        items.changed_in_loop,
        classes.super_uncalled,
        notebook_magics.backend_misspelt,
    ),
    "OSError": (
        files.folder_to_make,
        files.home_folder,
        files.file_nearby,
        files.mode_of_opening,
        removed_api.style_renamed,
    ),
}
"""Name of an exception class -> the rules for it and its subclasses."""

BASES = {
    "IndentationError": "SyntaxError",
    "TabError": "SyntaxError",
    "_IncompleteInputError": "SyntaxError",
    "UnboundLocalError": "NameError",
    "FileNotFoundError": "OSError",
    "JSONDecodeError": "ValueError",
    "UnicodeDecodeError": "ValueError",
    "UnsupportedOperation": "OSError",
    "ParserError": "ValueError",
    "NotFittedError": "ValueError",
    "IntCastingNaNError": "ValueError",
    "UndefinedVariableError": "NameError",
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
