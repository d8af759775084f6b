/** A real notebook model, and what people do to it, done as JupyterLab does it (@jupyterlab/notebook, actions.ts). */
import { YNotebook, type YCellType } from '@jupyter/ydoc';
import { NotebookModel } from '@jupyterlab/notebook';
import { Signal } from '@lumino/signaling';
import type { NotebookContext } from '../src/sync';

export type CellType = 'code' | 'markdown' | 'raw';

export interface NewCell {
  type: CellType;
  source: string;
}

/** What JupyterLab makes a new notebook of: no kernel has told its language yet. */
const NEW = {
  ...{ nbformat: 4, nbformat_minor: 5, cells: [] },
  metadata: { kernelspec: { name: '', display_name: '' }, language_info: { name: '' } }
};

/** Numbers name a cell or a place in its text whatever their size, so that a shrunk sequence still makes sense. */
export type CellOperation =
  | { does: 'delete'; at: number }
  | { does: 'move'; at: number; to: number }
  | { does: 'split'; at: number; offset: number }
  | { does: 'merge'; at: number }
  | { does: 'type'; at: number; offset: number; remove: number; text: string }
  | { does: 'retype'; at: number; type: CellType }
  | { does: 'undoInCell' | 'redoInCell'; at: number }
  | { does: 'time'; at: number; seconds: number };

export type NotebookOperation =
  | { does: 'insert'; place: number; cell: NewCell }
  | { does: 'undo' | 'redo' | 'pause' }
  | { does: 'reload'; sources: string[] }
  | { does: 'rename'; path: string }
  | { does: 'language'; name: string; of: 'kernelspec' | 'language_info' };

export type Operation = CellOperation | NotebookOperation;

export class OpenNotebook {
  readonly model: NotebookModel;
  readonly context: NotebookContext;

  constructor(cells: NewCell[], path = 'notebook.ipynb', disableDocumentWideUndoRedo = true) {
    this.shared = YNotebook.create({ disableDocumentWideUndoRedo, data: NEW });
    this.model = new NotebookModel({ sharedModel: this.shared });
    this.shared.insertCells(0, cells.map(toShared));
    this.shared.clearUndoHistory();
    this.context = { model: this.model, path, localPath: path, pathChanged: this.pathChanged };
  }

  /** Do one thing to it; nothing, where there is no cell to do it to. */
  do(operation: Operation): void {
    if (!('at' in operation)) {
      this.doToNotebook(operation);
    } else if (this.shared.cells.length > 0) {
      this.doToCell(operation, operation.at % this.shared.cells.length);
    }
  }

  /** Return a cell. */
  cell(at: number): YCellType {
    const cell = this.shared.cells[at];
    if (!cell) {
      throw new RangeError(`There is no cell ${at}.`);
    }
    return cell;
  }

  private doToNotebook(operation: NotebookOperation): void {
    const { shared } = this;
    switch (operation.does) {
      case 'insert':
        shared.insertCell(operation.place % (shared.cells.length + 1), toShared(operation.cell));
        return;
      case 'undo':
      case 'redo':
        shared[operation.does]();
        return;
      case 'pause': // what is done after it is another step of undo
        shared.undoManager.stopCapturing();
        return;
      case 'reload':
        this.reload(operation.sources);
        return;
      case 'rename':
        Object.assign(this.context, { path: operation.path, localPath: operation.path });
        this.pathChanged.emit(operation.path);
        return;
      case 'language':
        this.setLanguage(operation.of, operation.name);
        return;
    }
  }

  private doToCell(operation: CellOperation, at: number): void {
    const { shared } = this;
    const cell = this.cell(at);
    const { length } = cell.source;
    switch (operation.does) {
      case 'delete':
        shared.deleteCell(at);
        return;
      case 'move':
        shared.moveCell(at, operation.to % shared.cells.length);
        return;
      case 'split':
        this.split(at, operation.offset % (length + 1));
        return;
      case 'merge':
        this.merge(at);
        return;
      case 'type': {
        const start = operation.offset % (length + 1);
        cell.updateSource(start, Math.min(length, start + operation.remove), operation.text);
        return;
      }
      case 'retype':
        this.retype(at, operation.type);
        return;
      case 'undoInCell':
        cell.undo();
        return;
      case 'redoInCell':
        cell.redo();
        return;
      case 'time':
        cell.setMetadata('execution', {
          'iopub.execute_input': new Date(0).toISOString(),
          'shell.execute_reply': new Date(operation.seconds * 1000).toISOString()
        });
        return;
    }
  }

  private split(at: number, offset: number): void {
    const { shared } = this;
    const cell = this.cell(at);
    const { source } = cell;
    shared.transact(() => {
      shared.insertCell(at, { cell_type: cell.cell_type, source: source.slice(0, offset) });
      cell.setSource(source.slice(offset));
    });
  }

  private merge(at: number): void {
    const { shared } = this;
    const [cell, below] = shared.cells.slice(at, at + 2);
    if (cell && below) {
      const source = `${cell.source}\n\n${below.source}`;
      shared.transact(() => {
        shared.deleteCell(at);
        shared.insertCell(at, { cell_type: cell.cell_type, source });
        shared.deleteCell(at + 1);
      });
    }
  }

  /** The new cell has the id of the old one. */
  private retype(at: number, type: CellType): void {
    const { shared } = this;
    const cell = this.cell(at);
    const [id, { source }] = [cell.getId(), cell];
    if (cell.cell_type !== type) {
      shared.transact(() => {
        shared.deleteCell(at);
        shared.insertCell(at, { id, cell_type: type, source });
      });
    }
  }

  /** As after a change on disk: every cell is another object, those that were there keep their ids. */
  private reload(sources: string[]): void {
    const content = this.model.sharedModel.toJSON();
    const changed = content.cells.map((cell, place) => ({ ...cell, source: sources[place] ?? cell.source }));
    this.model.fromJSON({ ...content, cells: changed.slice(0, sources.length) });
  }

  private setLanguage(of: 'kernelspec' | 'language_info', name: string): void {
    this.model.setMetadata(of, of === 'language_info' ? { name } : { name, display_name: name, language: name });
  }

  private readonly shared: YNotebook;
  private readonly pathChanged = new Signal<this, string>(this);
}

function toShared({ type, source }: NewCell) {
  return { cell_type: type, source };
}
