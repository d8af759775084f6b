/** Where findings and failures are, in the text of a cell. */
import { Text } from '@codemirror/state';
import { expect, test } from 'vitest';
import { failingLine } from '../src/failure';
import { marksOf, type Diagnostic } from '../src/findings';

function diagnostic(line: number, from: number, to: number, endLine = line): Diagnostic {
  const range = { start: { line, character: from }, end: { line: endLine, character: to } };
  return { range, message: 'told', severity: 2 };
}

/** Return the texts that are underlined. */
function underlined(text: string, ...diagnostics: Diagnostic[]): string[] {
  const doc = Text.of(text.split('\n'));
  const found: string[] = [];
  marksOf(doc, diagnostics).between(0, doc.length, (from, to) => {
    found.push(doc.sliceString(from, to));
  });
  return found;
}

test.each([
  ['on its line', 'a = 1\nb = pricse', [diagnostic(1, 4, 10)], ['pricse']],
  ['after characters of two UTF-16 units', "x = '🍎🍏' + pricse", [diagnostic(0, 13, 19)], ['pricse']],
  ['over lines', 'f(\n  x)', [diagnostic(0, 0, 4, 1)], ['f(\n  x)']],
  ['in the order of the text', 'a b', [diagnostic(0, 2, 3), diagnostic(0, 0, 1)], ['a', 'b']],
  ['no further than the line, after it was cut', 'abc', [diagnostic(0, 1, 99)], ['bc']],
  ['nowhere, if that is gone', 'abc', [diagnostic(0, 50, 60), diagnostic(7, 50, 60)], []]
])('a finding is underlined %s', (_, text, diagnostics, expected) => {
  expect(underlined(text, ...diagnostics)).toEqual(expected);
});

test.each([
  [['\u001b[0;36mCell In[3], line 2\u001b[0m', '----> 2 x'], 1],
  [['Cell In [12], line 7'], 6],
  [['File somewhere.py:3, in f', 'Cell In[1], line 1', 'Cell In[2], line 9'], 0],
  [['SyntaxError'], null]
])('the failing line is read from the traceback %j', (traceback, expected) => {
  expect(failingLine({ ename: 'E', evalue: '', traceback })).toBe(expected);
});
