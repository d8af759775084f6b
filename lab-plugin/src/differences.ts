/** Where the sidecar kernel's variables may not be those that the notebook shows. */
import type { ICellModel } from '@jupyterlab/cells';
import { isCodeCellModel } from '@jupyterlab/cells';
import type { IOutput } from '@jupyterlab/nbformat';
import type { IOutputAreaModel } from '@jupyterlab/outputarea';
import type { Assistant } from './assistant';
import { withoutColours } from './failure';
import type { LedgerEntry } from './protocol';
import { cellId, type SyncedNotebook } from './sync';
import type { Task } from './task';
import type { Words } from './words';

export class Differences {
  constructor(
    assistant: Assistant,
    private readonly words: Words
  ) {
    assistant.ended.connect((_, task) => {
      if (task.verb === 'run') {
        this.compare(task);
      }
    });
  }

  /** Return, for the names that cells made, why they may differ from what the notebook shows. */
  of(notebook: SyncedNotebook, ledger: LedgerEntry[]): Map<string, string> {
    const { trans } = this.words;
    const found = new Map<string, string>();
    for (const { uri, fresh, names } of ledger) {
      const cell = this.words.cell(notebook.number(cellId(uri)));
      const why = this.other.get(notebook)?.has(cellId(uri))
        ? trans.__('%1 showed something else when it last ran in your own kernel', cell)
        : fresh
          ? null
          : trans.__('%1, or a cell before it, has changed since it ran in the sidecar', cell);
      names.forEach(name => {
        if (why !== null) {
          found.set(name, why);
        } else {
          found.delete(name); // a later cell made it anew
        }
      });
    }
    return found;
  }

  private compare({ notebook, outputs }: Task): void {
    const other = this.other.get(notebook) ?? new Set<string>();
    this.other.set(notebook, other);
    for (const [id, model] of outputs) {
      const shown = shownBy(notebook.cell(id));
      if (shown !== null && shown !== textOf(model)) {
        other.add(id);
      } else {
        other.delete(id);
      }
    }
  }

  /** The cells whose last run in the sidecar showed something else than the notebook does. */
  private readonly other = new WeakMap<SyncedNotebook, Set<string>>();
}

/** Return what a cell shows of its last run in the user's kernel; null if it has not run since it was edited. */
function shownBy(cell: ICellModel | null): string | null {
  const ran = cell && isCodeCellModel(cell) && cell.executionCount !== null && !cell.isDirty;
  return ran ? textOf(cell.outputs) : null;
}

const ADDRESS = /\b0x[0-9a-f]{6,}\b/g;

function textOf(outputs: IOutputAreaModel): string {
  const texts = Array.from({ length: outputs.length }, (_, index) => plainText(outputs.get(index).toJSON()));
  return withoutColours(texts.join('')).replace(ADDRESS, '0x…');
}

function plainText(output: IOutput): string {
  const text =
    output['text'] ?? (output['data'] as Record<string, unknown> | undefined)?.['text/plain'] ?? output['evalue'];
  return Array.isArray(text) ? text.join('') : typeof text === 'string' ? text : '';
}
