/** One open notebook, kept the same on the server: `notebookDocument/*` with nbformat's cell ids. */
import type { ICellModel } from '@jupyterlab/cells';
import type { INotebookModel } from '@jupyterlab/notebook';
import type { CellType } from '@jupyterlab/nbformat';
import type { CellChange, ISharedCell } from '@jupyter/ydoc';
import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';
import type { Session } from './session';

const DEBOUNCE = 150;
/** The Jupyter server's files: by themselves, and as jupyter-collaboration shares them. */
const OWN_DRIVES = new Set(['', 'RTC']);
const MARKUP = 1;
const CODE = 2;
/** What nbformat calls a cell's times. */
const TIMES = 'execution';

/** A cell's text and version at one moment. */
export interface CellSnapshot {
  version: number;
  source: string;
}

/** What of an open document a notebook is kept the same by. */
export interface NotebookContext {
  readonly model: INotebookModel;
  /** With its drive, as in `S3:a.ipynb`; `localPath` is without. */
  readonly path: string;
  readonly localPath: string;
  readonly pathChanged: ISignal<object, string>;
}

/** A cell as the server has it; another model with the same id may hold another text, after a reload from disk say. */
interface KnownCell {
  id: string;
  type: CellType;
  model: ICellModel;
}

export class SyncedNotebook implements IDisposable {
  readonly disposed = new Signal<this, void>(this);

  constructor(
    readonly context: NotebookContext,
    private readonly session: Session,
    private readonly rootUri: string
  ) {
    this._uri = this.currentUri();
    this.model.cells.changed.connect(this.onCellsChanged, this);
    this.model.metadataChanged.connect(this.onMetadataChanged, this);
    context.pathChanged.connect(this.onPathChanged, this);
    session.initialized.connect(this.open, this);
    this.follow(this.model.cells);
    this.open();
  }

  get model(): INotebookModel {
    return this.context.model;
  }

  /** The `file:` URI of the notebook's real path. */
  get uri(): string {
    return this._uri;
  }

  get name(): string {
    return this.context.localPath.split('/').pop() ?? '';
  }

  /** The language of its code cells. */
  get languageId(): string {
    return this.language;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  cellUri(id: string): string {
    return `${this._uri}#${id}`;
  }

  cell(id: string): ICellModel | null {
    return [...this.model.cells].find(cell => cell.id === id) ?? null;
  }

  /** What people call a cell: its place, from 1; 0 if it is gone. */
  number(id: string): number {
    return [...this.model.cells].findIndex(cell => cell.id === id) + 1;
  }

  /** Put a new code cell below one, or at the end if that is gone; return its id, null if the notebook is closed. */
  insertBelow(id: string, source: string): string | null {
    if (this.isDisposed) {
      return null;
    }
    const place = this.number(id) || this.model.cells.length;
    const cell = this.model.sharedModel.insertCell(place, { cell_type: 'code', source });
    return cell.getId();
  }

  version(id: string): number {
    return this.versions.get(id) ?? 1;
  }

  snapshot(): ReadonlyMap<string, CellSnapshot> {
    const entry = (cell: ICellModel): [string, CellSnapshot] => [
      cell.id,
      { version: this.version(cell.id), source: cell.sharedModel.source }
    ];
    return new Map([...this.model.cells].map(entry));
  }

  /** Send what has changed, so that the next request is about what the user sees. */
  flush(): void {
    clearTimeout(this.timer);
    this.sendMetadata();
    this.sendStructure();
    this.sendTimes();
    this.sendTexts();
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    clearTimeout(this.timer);
    this.close();
    this.disposed.emit();
    Signal.clearData(this);
  }

  /** Send the whole notebook. */
  private open(): void {
    this.order = [...this.model.cells].map(known);
    this.dirty.clear();
    this.timed.clear();
    this.metadataDirty = false;
    this.structureDirty = false;
    this.language = this.currentLanguage();
    this.session.notify('notebookDocument/didOpen', {
      notebookDocument: {
        uri: this._uri,
        notebookType: 'jupyter-notebook',
        version: ++this.notebookVersion,
        metadata: this.metadata(),
        cells: this.order.map(cell => this.notebookCell(cell))
      },
      cellTextDocuments: this.order.map(cell => this.textDocument(cell))
    });
  }

  private close(): void {
    this.session.notify('notebookDocument/didClose', {
      notebookDocument: { uri: this._uri },
      cellTextDocuments: this.order.map(({ id }) => ({ uri: this.cellUri(id) }))
    });
  }

  private reopen(): void {
    this.close();
    this._uri = this.currentUri();
    this.open();
  }

  private sendMetadata(): void {
    if (!this.metadataDirty) {
      return;
    }
    this.metadataDirty = false;
    if (this.currentLanguage() !== this.language) {
      this.reopen(); // a text document cannot change its language
    } else {
      this.didChange({ metadata: this.metadata() });
    }
  }

  private sendStructure(): void {
    if (!this.structureDirty) {
      return; // a key was pressed: a look at each of a thousand cells takes longer than a frame
    }
    this.structureDirty = false;
    const now = [...this.model.cells].map(known);
    const before = new Map(this.order.map(cell => [cell.id, cell]));
    // No event tells what a cell holds that was put in place of another one: by undo, or a reload from disk.
    for (const { id } of now.filter(({ id, model }) => before.get(id)?.model !== model)) {
      this.dirty.add(id);
      this.timed.add(id);
    }
    // A cell that changed its type keeps its id: take it out first, since one message cannot close and open it.
    this.restructure(now.filter(({ id, type }) => (before.get(id)?.type ?? type) === type));
    this.restructure(now);
    this.order = now;
  }

  /** Send the smallest replacement that makes the server's list of cells the given one. */
  private restructure(now: KnownCell[]): void {
    const before = this.order;
    let head = 0;
    while (head < now.length && head < before.length && now[head]?.id === before[head]?.id) {
      head++;
    }
    let tail = 0;
    const shortest = Math.min(now.length, before.length) - head;
    while (tail < shortest && now.at(-1 - tail)?.id === before.at(-1 - tail)?.id) {
      tail++;
    }
    const added = now.slice(head, now.length - tail);
    const removed = before.slice(head, before.length - tail);
    if (added.length === 0 && removed.length === 0) {
      return;
    }
    this.order = now;
    const opened = without(added, removed);
    const closed = without(removed, added);
    for (const { id } of opened) {
      this.dirty.delete(id);
      this.timed.delete(id);
    }
    this.didChange({
      cells: {
        structure: {
          array: { start: head, deleteCount: removed.length, cells: added.map(cell => this.notebookCell(cell)) },
          didOpen: opened.map(cell => this.textDocument(cell)),
          didClose: closed.map(({ id }) => ({ uri: this.cellUri(id) }))
        }
      }
    });
  }

  /** When cells last ran in the user's kernel, if the notebook keeps times. */
  private sendTimes(): void {
    const data = this.order.filter(({ id }) => this.timed.has(id)).map(cell => this.notebookCell(cell));
    this.timed.clear();
    if (data.length > 0) {
      this.didChange({ cells: { data } });
    }
  }

  private sendTexts(): void {
    const cells = this.order.filter(({ id }) => this.dirty.has(id));
    this.dirty.clear();
    if (cells.length === 0) {
      return;
    }
    const textContent = cells.map(({ id, model }) => {
      this.versions.set(id, this.version(id) + 1);
      return {
        document: { uri: this.cellUri(id), version: this.version(id) },
        changes: [{ text: model.sharedModel.source }]
      };
    });
    this.didChange({ cells: { textContent } });
  }

  private didChange(change: object): void {
    this.session.notify('notebookDocument/didChange', {
      notebookDocument: { uri: this._uri, version: ++this.notebookVersion },
      change
    });
  }

  private notebookCell({ id, type, model }: KnownCell): object {
    const cell = { kind: type === 'code' ? CODE : MARKUP, document: this.cellUri(id) };
    const execution: unknown = model.sharedModel.getMetadata(TIMES);
    return execution === undefined ? cell : { ...cell, metadata: { execution } };
  }

  private textDocument({ id, type, model }: KnownCell): object {
    // Versions only grow, also over a reconnection: what was asked before it is then never taken for current.
    this.versions.set(id, (this.versions.get(id) ?? 0) + 1);
    return {
      uri: this.cellUri(id),
      languageId: type === 'code' ? this.language : type === 'markdown' ? 'markdown' : 'plaintext',
      version: this.version(id),
      text: model.sharedModel.source
    };
  }

  private metadata(): object {
    const { kernelspec, language_info } = this.model.sharedModel.metadata;
    return { kernelspec: kernelspec ?? {}, language_info: language_info ?? {} };
  }

  private currentLanguage(): string {
    const { kernelspec, language_info } = this.model.sharedModel.metadata;
    // JupyterLab leaves the name empty until a kernel tells it.
    return language_info?.name || (kernelspec?.['language'] as string | undefined) || 'python';
  }

  private currentUri(): string {
    const { path, localPath } = this.context;
    const drive = path.slice(0, path.length - localPath.length).replace(/:$/, '');
    const encoded = localPath.split('/').map(encodeURIComponent).join('/');
    // Another drive's notebook is no file here: it must not share the kernel of a file that has its name.
    return OWN_DRIVES.has(drive)
      ? `${this.rootUri.replace(/\/$/, '')}/${encoded}`
      : `jupyter-drive:/${encodeURIComponent(drive)}/${encoded}`;
  }

  private later(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.flush();
    }, DEBOUNCE);
  }

  private onCellsChanged(_: unknown, { newValues }: { newValues: ICellModel[] }): void {
    this.follow(newValues);
    this.structureDirty = true;
    this.later();
  }

  private follow(cells: Iterable<ICellModel>): void {
    for (const cell of cells) {
      cell.sharedModel.changed.connect(this.onCellChanged, this);
    }
  }

  private onCellChanged(cell: ISharedCell, change: CellChange): void {
    if (change.sourceChange) {
      this.dirty.add(cell.getId());
      this.later();
    }
    if (change.metadataChange?.has(TIMES)) {
      this.timed.add(cell.getId());
      this.later();
    }
  }

  private onMetadataChanged(): void {
    this.metadataDirty = true;
    this.later();
  }

  private onPathChanged(): void {
    this.flush();
    this.reopen();
  }

  private _uri: string;
  private _isDisposed = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private notebookVersion = 0;
  private language = 'python';
  private metadataDirty = false;
  private structureDirty = false;
  private order: KnownCell[] = [];
  private readonly versions = new Map<string, number>();
  /** The cells whose text, and whose times, the server does not have. */
  private readonly dirty = new Set<string>();
  private readonly timed = new Set<string>();
}

function known(model: ICellModel): KnownCell {
  return { id: model.id, type: model.type, model };
}

/** Return the cells of a list that another one does not have. */
function without(cells: KnownCell[], others: KnownCell[]): KnownCell[] {
  const ids = new Set(others.map(({ id }) => id));
  return cells.filter(({ id }) => !ids.has(id));
}

/** Return the id in a cell's URI: what follows the `#`. */
export function cellId(uri: string): string {
  return uri.slice(uri.lastIndexOf('#') + 1);
}
