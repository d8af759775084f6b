/** One open notebook, kept the same on the server: `notebookDocument/*` with nbformat's cell ids. */
import type { ICellModel } from '@jupyterlab/cells';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import type { INotebookModel } from '@jupyterlab/notebook';
import type { CellChange, ISharedCell } from '@jupyter/ydoc';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';
import type { Session } from './session';

const DEBOUNCE = 150;
const MARKUP = 1;
const CODE = 2;

/** A cell's text and version at one moment. */
export interface CellSnapshot {
  version: number;
  source: string;
}

interface KnownCell {
  id: string;
  kind: number;
  /** When it last ran in the user's kernel, if the notebook keeps times. */
  execution?: unknown;
}

export class SyncedNotebook implements IDisposable {
  readonly disposed = new Signal<this, void>(this);

  constructor(
    readonly context: DocumentRegistry.IContext<INotebookModel>,
    private readonly session: Session,
    private readonly rootUri: string
  ) {
    this._uri = this.currentUri();
    this.model.cells.changed.connect(this.onCellsChanged, this);
    this.model.metadataChanged.connect(this.onMetadataChanged, this);
    context.pathChanged.connect(this.onPathChanged, this);
    session.initialized.connect(this.open, this);
    this.onCellsChanged();
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
    const now = [...this.model.cells].map(known);
    const before = new Map(this.order.map(cell => [cell.id, cell.kind]));
    // A cell that changed its kind keeps its id: take it out first, since one message cannot close and open it.
    this.restructure(now.filter(({ id, kind }) => (before.get(id) ?? kind) === kind));
    this.restructure(now);
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
    const cells = [...this.model.cells];
    this.order = cells.map(known);
    this.dirty.clear();
    this.metadataDirty = false;
    this.language = this.currentLanguage();
    this.session.notify('notebookDocument/didOpen', {
      notebookDocument: {
        uri: this._uri,
        notebookType: 'jupyter-notebook',
        version: ++this.notebookVersion,
        metadata: this.metadata(),
        cells: this.order.map(cell => this.notebookCell(cell))
      },
      cellTextDocuments: cells.map(cell => this.textDocument(cell))
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
    const opened = added.filter(({ id }) => !removed.some(cell => cell.id === id));
    const closed = removed.filter(({ id }) => !added.some(cell => cell.id === id));
    const cells = new Map([...this.model.cells].map(cell => [cell.id, cell]));
    const didOpen = opened.flatMap(({ id }) => cells.get(id) ?? []).map(cell => this.textDocument(cell));
    opened.forEach(({ id }) => this.dirty.delete(id));
    this.didChange({
      cells: {
        structure: {
          array: { start: head, deleteCount: removed.length, cells: added.map(cell => this.notebookCell(cell)) },
          didOpen,
          didClose: closed.map(({ id }) => ({ uri: this.cellUri(id) }))
        }
      }
    });
  }

  private sendTexts(): void {
    const cells = this.dirty.size > 0 ? [...this.model.cells].filter(cell => this.dirty.has(cell.id)) : [];
    this.dirty.clear();
    if (cells.length === 0) {
      return;
    }
    const textContent = cells.map(cell => {
      this.versions.set(cell.id, this.version(cell.id) + 1);
      return {
        document: { uri: this.cellUri(cell.id), version: this.version(cell.id) },
        changes: [{ text: cell.sharedModel.source }]
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

  private notebookCell({ id, kind, execution }: KnownCell): object {
    const cell = { kind, document: this.cellUri(id) };
    return execution === undefined ? cell : { ...cell, metadata: { execution } };
  }

  private textDocument(cell: ICellModel): object {
    // Versions only grow, also over a reconnection: what was asked before it is then never taken for current.
    this.versions.set(cell.id, (this.versions.get(cell.id) ?? 0) + 1);
    return {
      uri: this.cellUri(cell.id),
      languageId: cell.type === 'code' ? this.language : cell.type === 'markdown' ? 'markdown' : 'plaintext',
      version: this.version(cell.id),
      text: cell.sharedModel.source
    };
  }

  private metadata(): object {
    const { kernelspec, language_info } = this.model.sharedModel.metadata;
    return { kernelspec: kernelspec ?? {}, language_info: language_info ?? {} };
  }

  private currentLanguage(): string {
    const { kernelspec, language_info } = this.model.sharedModel.metadata;
    return language_info?.name ?? (kernelspec?.['language'] as string | undefined) ?? 'python';
  }

  private currentUri(): string {
    const path = this.context.localPath.split('/').map(encodeURIComponent).join('/');
    return `${this.rootUri.replace(/\/$/, '')}/${path}`;
  }

  private later(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.flush();
    }, DEBOUNCE);
  }

  private onCellsChanged(): void {
    for (const cell of this.model.cells) {
      cell.sharedModel.changed.connect(this.onCellChanged, this); // no-op for the cells that are connected
    }
    this.later();
  }

  private onCellChanged(cell: ISharedCell, change: CellChange): void {
    if (change.sourceChange) {
      this.dirty.add(cell.getId());
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
  private order: KnownCell[] = [];
  private readonly versions = new Map<string, number>();
  private readonly dirty = new Set<string>();
}

function known(cell: ICellModel): KnownCell {
  const execution: unknown = cell.getMetadata('execution');
  return {
    id: cell.id,
    kind: cell.type === 'code' ? CODE : MARKUP,
    ...(execution === undefined ? {} : { execution })
  };
}

/** Return the id in a cell's URI: what follows the `#`. */
export function cellId(uri: string): string {
  return uri.slice(uri.lastIndexOf('#') + 1);
}
