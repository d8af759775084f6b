/** A candidate is taken whole or not at all, in one step of undo, and given back as it was. */
import { ServerConnection } from '@jupyterlab/services';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { applyEdits, revertEdits } from '../src/apply';
import type { Edit } from '../src/protocol';
import { Session } from '../src/session';
import { cellId, SyncedNotebook } from '../src/sync';
import { OpenNotebook } from './notebook';
import { lines, text } from './texts';

function opened(...sources: string[]): { open: OpenNotebook; notebook: SyncedNotebook } {
  const open = new OpenNotebook(sources.map(source => ({ type: 'code', source })));
  const offline = new Session(ServerConnection.makeSettings(), 'file:///folder', 'test');
  return { open, notebook: new SyncedNotebook(open.context, offline, 'file:///folder') };
}

/** Propose a new text for some cells; null leaves one alone. */
function edits({ notebook }: { notebook: SyncedNotebook }, ...texts: (string | null)[]): Edit[] {
  const ids = [...notebook.snapshot().keys()];
  return texts.flatMap((newText, place) => {
    const id = ids[place] ?? '';
    return newText === null ? [] : [{ uri: notebook.cellUri(id), version: notebook.version(id), newText }];
  });
}

const sources = ({ notebook }: { notebook: SyncedNotebook }) =>
  [...notebook.snapshot().values()].map(({ source }) => source);

test.each([
  ['alike', lines],
  ['any', text]
])('applying gives the proposed text, undo and taking it back the old one: %s', (_, texts) => {
  const property = fc.property(texts, texts, (before, after) => {
    const here = opened(before);
    const asked = here.notebook.snapshot();
    const proposed = edits(here, after);
    expect(applyEdits(here.notebook, proposed, asked)).toBeNull();
    expect(sources(here)).toEqual([after]);
    const cell = here.open.cell(0);
    if (before !== after) {
      cell.undo();
      expect(sources(here)).toEqual([before]);
      expect(cell.canUndo()).toBe(false);
      cell.redo();
    }
    expect(sources(here)).toEqual([after]);
    expect(revertEdits(here.notebook, proposed, asked)).toBeNull();
    expect(sources(here)).toEqual([before]);
  });
  fc.assert(property, { numRuns: 150 });
});

test('nothing is applied where one of the cells has changed', () => {
  const here = opened('a', 'b');
  const asked = here.notebook.snapshot();
  const proposed = edits(here, 'A', 'B');
  here.open.cell(1).setSource('b, and more');
  expect(applyEdits(here.notebook, proposed, asked)).toBe('changed');
  expect(sources(here)).toEqual(['a', 'b, and more']);
  here.open.cell(1).setSource('b');
  expect(applyEdits(here.notebook, proposed, asked)).toBeNull();
  expect(sources(here)).toEqual(['A', 'B']);
});

test('nothing is applied that is about another version than was asked about', () => {
  const here = opened('a');
  const asked = here.notebook.snapshot();
  const [edit] = edits(here, 'A');
  const newer = { ...edit, version: 7 } as Edit;
  expect(applyEdits(here.notebook, [newer], asked)).toBe('changed');
  expect(applyEdits(here.notebook, [{ ...newer, version: null }], asked)).toBeNull();
});

test('nothing is applied to a cell that was not asked about, is gone, or is of a closed notebook', () => {
  const here = opened('a', 'b');
  const asked = here.notebook.snapshot();
  const proposed = edits(here, 'A', 'B');
  expect(applyEdits(here.notebook, proposed, new Map([...asked].slice(0, 1)))).toBe('changed');
  here.open.do({ does: 'delete', at: 1 });
  expect(applyEdits(here.notebook, proposed, asked)).toBe('gone');
  here.notebook.dispose();
  expect(applyEdits(here.notebook, proposed, asked)).toBe('closed');
  expect(here.open.cell(0).source).toBe('a');
});

test('a cell is found where it was moved to', () => {
  const here = opened('a', 'b', 'c');
  const asked = here.notebook.snapshot();
  const proposed = edits(here, 'A');
  here.open.do({ does: 'move', at: 0, to: 2 });
  expect(applyEdits(here.notebook, proposed, asked)).toBeNull();
  expect(sources(here)).toEqual(['b', 'c', 'A']);
});

test('what was edited after it was applied is not taken back', () => {
  const here = opened('a');
  const asked = here.notebook.snapshot();
  const proposed = edits(here, 'A');
  applyEdits(here.notebook, proposed, asked);
  here.open.cell(0).setSource('A, and more');
  expect(revertEdits(here.notebook, proposed, asked)).toBe('changed');
  expect(sources(here)).toEqual(['A, and more']);
});

test('a cell id is what follows the last # of a URI', () => {
  expect(cellId('file:///folder/C%23.ipynb#one')).toBe('one');
});
