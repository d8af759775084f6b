/** Takes a candidate into the notebook: one undo step, and only if its cells are still what was asked about. */
import type { Edit } from './protocol';
import { cellId, type CellSnapshot, type SyncedNotebook } from './sync';

export type Refusal = 'closed' | 'gone' | 'changed';

/** Apply edits to all their cells or to none; return why not, or null. */
export function applyEdits(
  notebook: SyncedNotebook,
  edits: Edit[],
  asked: ReadonlyMap<string, CellSnapshot>
): Refusal | null {
  return replaceSources(
    notebook,
    edits.map(({ uri, version, newText }) => {
      const before = asked.get(cellId(uri));
      const current = before && (version === null || version === before.version);
      return { id: cellId(uri), from: current ? before.source : null, to: newText };
    })
  );
}

/** Take applied edits back; return why not, or null. */
export function revertEdits(
  notebook: SyncedNotebook,
  edits: Edit[],
  asked: ReadonlyMap<string, CellSnapshot>
): Refusal | null {
  return replaceSources(
    notebook,
    edits.map(({ uri, newText }) => ({ id: cellId(uri), from: newText, to: asked.get(cellId(uri))?.source ?? newText }))
  );
}

interface Replacement {
  id: string;
  /** What the cell must hold now; null if that is not known. */
  from: string | null;
  to: string;
}

function replaceSources(notebook: SyncedNotebook, replacements: Replacement[]): Refusal | null {
  if (notebook.isDisposed) {
    return 'closed';
  }
  const changes = replacements.map(replacement => ({ ...replacement, cell: notebook.cell(replacement.id) }));
  if (changes.some(({ cell }) => cell === null)) {
    return 'gone';
  }
  if (changes.some(({ cell, from }) => cell?.sharedModel.source !== from)) {
    return 'changed';
  }
  for (const { cell, from, to } of changes) {
    const [start, end, text] = smallestEdit(from ?? '', to);
    cell?.sharedModel.transact(() => {
      cell.sharedModel.updateSource(start, end, text);
    });
  }
  notebook.flush();
  return null;
}

/** Yjs replaces both halves of a pair that is cut in two. */
const HIGH_SURROGATE = /[\ud800-\udbff]/;
const LOW_SURROGATE = /[\udc00-\udfff]/;

/** Return what differs between two texts, so that cursors and marks elsewhere in the cell stay. */
function smallestEdit(from: string, to: string): [start: number, end: number, text: string] {
  const shortest = Math.min(from.length, to.length);
  let start = 0;
  while (start < shortest && from[start] === to[start]) {
    start++;
  }
  if (HIGH_SURROGATE.test(from[start - 1] ?? '')) {
    start--;
  }
  let tail = 0;
  while (tail < shortest - start && from.at(-1 - tail) === to.at(-1 - tail)) {
    tail++;
  }
  if (tail > 0 && LOW_SURROGATE.test(from.at(-tail) ?? '')) {
    tail--;
  }
  return [start, from.length - tail, to.slice(start, to.length - tail)];
}
