/** The verified fixes that wait to be taken: for which cells there is one, and for which text. */
import type { ICellModel } from '@jupyterlab/cells';
import { Signal } from '@lumino/signaling';
import type { Assistant } from './assistant';
import { cellId } from './sync';
import type { Task } from './task';

export class ReadyFixes {
  /** Emitted with the id of a cell. */
  readonly changed = new Signal<this, string>(this);

  constructor(assistant: Assistant) {
    assistant.ended.connect((_, task) => {
      if (isVerifiedFix(task)) {
        this.byCell.set(task.cellId, task);
        this.changed.emit(task.cellId);
      }
    });
  }

  /** Return the task that found a verified fix for a cell whose text, and that of all cells it changes, still stand. */
  of(cell: ICellModel): Task | null {
    const task = this.byCell.get(cell.id);
    if (!task || task.isDisposed || task.notebook.isDisposed || task.notebook.cell(cell.id) !== cell) {
      return null;
    }
    const edits = task.answer && 'proposals' in task.answer ? (task.answer.proposals.candidates[0]?.edits ?? []) : [];
    const stands = [task.cellId, ...edits.map(({ uri }) => cellId(uri))].every(
      id => task.notebook.cell(id)?.sharedModel.source === task.asked.get(id)?.source
    );
    return stands ? task : null;
  }

  private readonly byCell = new Map<string, Task>();
}

function isVerifiedFix({ verb, answer }: Task): boolean {
  const best = verb === 'fix' && answer && 'proposals' in answer ? answer.proposals.candidates[0] : undefined;
  return best?.receipt.verdict === 'verified' && best.edits.length > 0;
}
