/** The notebooks that are open in this page. */
import type { Cell, ICellModel } from '@jupyterlab/cells';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { Signal } from '@lumino/signaling';
import type { Preferences } from './preferences';
import type { Session } from './session';
import { SyncedNotebook } from './sync';

export interface CellPlace {
  notebook: SyncedNotebook;
  cell: ICellModel;
}

export class Notebooks {
  /** Emitted when another notebook comes to the front, opens or closes. */
  readonly currentChanged = new Signal<this, void>(this);
  /** Emitted when another cell becomes the active one. */
  readonly activeCellChanged = new Signal<this, void>(this);
  /** Emitted with each notebook that opens, or in which the assistant is switched on. */
  readonly opened = new Signal<this, SyncedNotebook>(this);

  constructor(
    private readonly tracker: INotebookTracker,
    private readonly session: Session,
    private readonly preferences: Preferences,
    private readonly rootUri: string
  ) {
    const followAll = () => {
      tracker.forEach(panel => {
        void this.follow(panel);
      });
    };
    tracker.widgetAdded.connect((_, panel) => {
      void this.follow(panel);
    });
    tracker.currentChanged.connect(() => {
      this.currentChanged.emit();
    });
    tracker.activeCellChanged.connect(() => {
      this.activeCellChanged.emit();
    });
    preferences.changed.connect(() => {
      for (const [context, notebook] of this.byContext) {
        if (!preferences.isOn(context.localPath)) {
          this.unfollow(context, notebook);
        }
      }
      followAll();
    });
    followAll();
  }

  /** The path of the notebook in front, whether the assistant works in it or not. */
  get currentPath(): string | null {
    return this.tracker.currentWidget?.context.localPath ?? null;
  }

  get current(): SyncedNotebook | null {
    const panel = this.tracker.currentWidget;
    return panel ? (this.byContext.get(panel.context) ?? null) : null;
  }

  /** The active cell of the current notebook. */
  get activeCell(): CellPlace | null {
    const notebook = this.current;
    const cell = this.tracker.activeCell?.model;
    return notebook && cell ? { notebook, cell } : null;
  }

  /** The selected code cells of the current notebook, in its order; the active one, if no more are selected. */
  get selectedCells(): CellPlace[] {
    const [notebook, content] = [this.current, this.tracker.currentWidget?.content];
    return notebook && content
      ? content.widgets
          .filter(widget => content.isSelectedOrActive(widget) && widget.model.type === 'code')
          .map(({ model }) => ({ notebook, cell: model }))
      : [];
  }

  /** The selected text of the active cell; all of it, if none is selected. */
  get selectedText(): string {
    const cell = this.tracker.activeCell;
    const source = cell?.model.sharedModel.source ?? '';
    const range = cell?.editor?.getSelection();
    if (!cell?.editor || !range) {
      return source;
    }
    const [start, end] = [cell.editor.getOffsetAt(range.start), cell.editor.getOffsetAt(range.end)].sort(
      (a, b) => a - b
    );
    return source.slice(start, end) || source;
  }

  /** Find the notebook of a cell; null for a console's. */
  notebookOf(cell: ICellModel): SyncedNotebook | null {
    // Asked for with every key, and by each cell in view: never by a look through all cells.
    const { notebook: shared } = cell.sharedModel;
    return [...this.byContext.values()].find(({ model }) => model.sharedModel === shared) ?? null;
  }

  /** Bring a cell into view, make it the active one and, if asked, focus it; false if it is gone. */
  async reveal(notebook: SyncedNotebook, cellId: string, { focus } = { focus: true }): Promise<boolean> {
    const panel = this.panelOf(notebook);
    const index = notebook.number(cellId) - 1;
    if (!panel || index < 0) {
      return false;
    }
    if (!panel.isVisible) {
      this.activate(panel.id);
    }
    panel.content.activeCellIndex = index;
    panel.content.deselectAll();
    if (focus) {
      panel.content.node.focus({ preventScroll: true }); // now: scrolling takes time, and the user may be elsewhere then
    }
    await panel.content.scrollToItem(index, 'smart').catch(() => undefined); // rejected when another scroll takes over
    return true;
  }

  /** Make a cell the active one; if it is one of several that are selected, they stay so. */
  select({ notebook, cell }: CellPlace): void {
    const panel = this.panelOf(notebook);
    if (panel && !this.selectedCells.some(each => each.cell === cell)) {
      panel.content.activeCellIndex = notebook.number(cell.id) - 1;
      panel.content.deselectAll();
    }
  }

  widget(notebook: SyncedNotebook, cellId: string): Cell | null {
    return this.panelOf(notebook)?.content.widgets.find(widget => widget.model.id === cellId) ?? null;
  }

  /** Mark one cell, which the panel speaks of; null marks none. */
  point(notebook: SyncedNotebook | null, cellId = ''): void {
    this.pointed?.removeClass('jp-AiNotebook-pointed');
    this.pointed = notebook && this.widget(notebook, cellId);
    this.pointed?.addClass('jp-AiNotebook-pointed');
  }

  /** How the shell brings a panel to the front. */
  activate: (panelId: string) => void = () => undefined;

  private panelOf(notebook: SyncedNotebook): NotebookPanel | null {
    const current = this.tracker.currentWidget;
    if (current?.context === notebook.context) {
      return current;
    }
    return this.tracker.find(panel => panel.context === notebook.context) ?? null;
  }

  private async follow(panel: NotebookPanel): Promise<void> {
    const { context } = panel;
    await context.ready;
    if (panel.isDisposed || this.byContext.has(context) || !this.preferences.isOn(context.localPath)) {
      return; // a second view on the same notebook shares its model
    }
    this.session.start();
    const notebook = new SyncedNotebook(context, this.session, this.rootUri);
    this.byContext.set(context, notebook);
    context.disposed.connect(() => {
      this.unfollow(context, notebook);
    });
    this.opened.emit(notebook);
    this.currentChanged.emit();
  }

  private unfollow(context: NotebookPanel['context'], notebook: SyncedNotebook): void {
    if (this.byContext.get(context) === notebook) {
      this.byContext.delete(context);
      notebook.dispose();
      if (this.byContext.size === 0) {
        this.session.stop(); // nobody is left to hear anything: as before the first notebook
      }
      this.currentChanged.emit();
    }
  }

  private pointed: Cell | null = null;
  private readonly byContext = new Map<NotebookPanel['context'], SyncedNotebook>();
}
