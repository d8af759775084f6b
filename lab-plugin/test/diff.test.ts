/** Changes that are left out one by one: what remains is the old text with the others applied. */
import { Chunk } from '@codemirror/merge';
import { Text } from '@codemirror/state';
import { EditorLanguageRegistry } from '@jupyterlab/codemirror';
import { nullTranslator } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DiffView } from '../src/panel/diff';
import { Words } from '../src/words';
import { lines } from './texts';

const words = new Words(nullTranslator.load('test'));
const languages = new EditorLanguageRegistry();

async function shown(before: string, after: string): Promise<DiffView> {
  const diff = new DiffView({ before, after, label: 'Changes', language: 'none' }, languages, words);
  Widget.attach(diff, document.body);
  await diff.ready;
  return diff;
}

function leaveOutButtons(diff: DiffView): HTMLButtonElement[] {
  return [...diff.node.querySelectorAll<HTMLButtonElement>('.jp-AiNotebook-leaveOut')];
}

function leaveOut(diff: DiffView, place: number): void {
  leaveOutButtons(diff)[place]?.click();
}

/** Return the lines of a text with some changes of another one taken over, by the lines that each change spans. */
function withChanges(before: string, after: string, taken: (chunk: number) => boolean): string {
  const [old, fresh] = [before.split('\n'), after.split('\n')];
  const lineAt = (text: string, offset: number) =>
    text.slice(0, offset).split('\n').length - 1 + (offset > text.length ? 1 : 0);
  const result: string[] = [];
  let next = 0;
  Chunk.build(Text.of(old), Text.of(fresh)).forEach((chunk, number) => {
    const [fromOld, toOld] = [lineAt(before, chunk.fromA), lineAt(before, chunk.toA)];
    const [fromNew, toNew] = [lineAt(after, chunk.fromB), lineAt(after, chunk.toB)];
    result.push(...old.slice(next, fromOld));
    result.push(...(taken(number) ? fresh.slice(fromNew, toNew) : old.slice(fromOld, toOld)));
    next = toOld;
  });
  return [...result, ...old.slice(next)].join('\n');
}

test('leaving one change out gives the old text with all others applied, taking all again the new one', async () => {
  const property = fc.asyncProperty(lines, lines, fc.nat(), async (before, after, number) => {
    const diff = await shown(before, after);
    try {
      expect([diff.text, diff.isPartial]).toEqual([after, false]);
      expect(withChanges(before, after, () => true)).toBe(after);
      const { length } = leaveOutButtons(diff);
      if (length > 0) {
        const left = number % length;
        leaveOut(diff, left);
        expect(diff.text).toBe(withChanges(before, after, chunk => chunk !== left));
        expect(diff.isPartial).toBe(true);
        diff.restore();
      }
      expect([diff.text, diff.isPartial]).toEqual([after, false]);
    } finally {
      diff.dispose();
    }
  });
  await fc.assert(property, { numRuns: 80 });
});

test('leaving out one after another ends at the old text', { timeout: 30_000 }, async () => {
  const which = fc.array(fc.nat(), { minLength: 1, maxLength: 5 });
  const property = fc.asyncProperty(lines, lines, which, async (before, after, numbers) => {
    const diff = await shown(before, after);
    try {
      const several = leaveOutButtons(diff).length > 0;
      // What remains is compared anew, and may be cut into changes in another way: they need not become one less.
      for (let time = 0; leaveOutButtons(diff).length > 0; time++) {
        expect(time).toBeLessThan(50);
        leaveOut(diff, (numbers[time % numbers.length] ?? 0) % leaveOutButtons(diff).length);
      }
      expect(diff.text).toBe(several ? before : after);
    } finally {
      diff.dispose();
    }
  });
  await fc.assert(property, { numRuns: 60 });
});

test('a change that is alone has no button: it is taken, or not', async () => {
  const diff = await shown('a\nb\nc', 'a\nB\nc');
  expect(leaveOutButtons(diff)).toHaveLength(0);
  diff.dispose();
});

test('whoever applies is told of each change that is left out', async () => {
  const diff = await shown('a\nb\nc\nd', 'A\nb\nc\nD');
  const told: string[] = [];
  diff.changed.connect(() => told.push(diff.text));
  leaveOut(diff, 1);
  leaveOut(diff, 0);
  diff.restore();
  expect(told).toEqual(['A\nb\nc\nd', 'a\nb\nc\nd', 'A\nb\nc\nD']);
  diff.dispose();
});
