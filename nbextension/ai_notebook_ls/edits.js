/** Takes a candidate into the notebook: one undo step a cell, and only if its cells are still what was asked about. */
import { cellId } from './sync.js';

/** @typedef {import('../../lab-plugin/src/protocol').Edit} Edit */
/** @typedef {import('./sync.js').SyncedNotebook} SyncedNotebook */
/** @typedef {import('./sync.js').CellSnapshot} CellSnapshot */
/** @typedef {'gone' | 'locked' | 'changed'} Refusal */
/** @typedef {{id: string, from: string | null, to: string}} Replacement `from` is what the cell must hold now */

/** CodeMirror joins changes of one origin that begins with `+`; ours stay a step of their own. */
const ORIGIN = 'ai-notebook-ls';

/**
 * Apply edits to all their cells or to none; return why not, or null.
 * @param {SyncedNotebook} notebook
 * @param {Edit[]} edits
 * @param {ReadonlyMap<string, CellSnapshot>} asked
 */
export function applyEdits(notebook, edits, asked) {
  return replaceTexts(
    notebook,
    edits.map(({ uri, version, newText }) => {
      const before = asked.get(cellId(uri));
      const isCurrent = before && (version === null || version === before.version);
      return { id: cellId(uri), from: isCurrent ? before.source : null, to: newText };
    })
  );
}

/**
 * Take applied edits back; return why not, or null.
 * @param {SyncedNotebook} notebook
 * @param {Edit[]} edits
 * @param {ReadonlyMap<string, CellSnapshot>} asked
 */
export function revertEdits(notebook, edits, asked) {
  return replaceTexts(
    notebook,
    edits.map(({ uri, newText }) => ({ id: cellId(uri), from: newText, to: asked.get(cellId(uri))?.source ?? newText }))
  );
}

/**
 * @param {SyncedNotebook} notebook
 * @param {Replacement[]} replacements
 * @returns {Refusal | null}
 */
function replaceTexts(notebook, replacements) {
  const cells = new Map(notebook.cells.map(cell => [cell.id, cell]));
  for (const { id, from } of replacements) {
    const cell = cells.get(id);
    if (!cell) {
      return 'gone';
    }
    if (!cell.is_editable()) {
      return 'locked';
    }
    if (cell.get_text() !== from) {
      return 'changed';
    }
  }
  for (const { id, from, to } of replacements) {
    const [start, end, text] = smallestEdit(from ?? '', to);
    const editor = cells.get(id)?.code_mirror;
    editor?.replaceRange(text, editor.posFromIndex(start), editor.posFromIndex(end), ORIGIN);
  }
  return null;
}

/**
 * Return what differs between two texts, so that the cursor elsewhere in the cell stays.
 * @param {string} from
 * @param {string} to
 * @returns {[start: number, end: number, text: string]}
 */
function smallestEdit(from, to) {
  const shortest = Math.min(from.length, to.length);
  let start = 0;
  while (start < shortest && from[start] === to[start]) {
    start++;
  }
  let tail = 0;
  // Not by at(): classic's page replaces it by an older one, which knows no negative places.
  while (tail < shortest - start && from[from.length - 1 - tail] === to[to.length - 1 - tail]) {
    tail++;
  }
  return [start, from.length - tail, to.slice(start, to.length - tail)];
}
