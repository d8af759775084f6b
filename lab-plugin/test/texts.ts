/** Random texts of cells, and pairs of which one is an edit of the other. */
import fc from 'fast-check';

// None of them is empty: of an empty line beside another @codemirror/merge 6.12 makes a change of nothing, [1, 1, 1, 1] for
// '\\n\\tif x:\\n' and '\\n\\n\\tif x:\\n', whose button does nothing.
/** Lines that are alike, so that much can stay in place between two texts; and characters of two UTF-16 units. */
const line = fc.constantFrom('#', 'x = 1', 'x = 2', 'print(x)', '    return 🍎', '    return 🍏', 'é\r', '\tif x:');

export const lines = fc.array(line, { maxLength: 12 }).map(all => all.join('\n'));

/** Any text, with the line ends and the characters that editors and servers disagree about. */
export const text = fc.string({
  unit: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom('x', ' ', '= 1\n', '\n', '%%time\n') },
    { weight: 2, arbitrary: fc.constantFrom('\r\n', '\r', '\f', '\u2028', '\u0085', '🍎', '🍏', 'é', '"', '\\', '#') },
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 })
  ),
  maxLength: 8
});
