/** The notebooks that are open in this page. */
import type { Cell, ICellModel } from '@jupyterlab/cells';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { Signal } from '@lumino/signaling';
import type { Session } from './session';
import { SyncedNotebook } from './sync';

export interface CellPlace {
  notebook: SyncedNotebook;
  cell: ICellModel;
}

export class Notebooks {
  /** Emitted when another notebook comes to the front, opens or closes. */
  readonly currentChanged = new Signal<this, void>(this);

  constructor(
    private readonly tracker: INotebookTracker,
    private readonly session: Session,
    private readonly rootUri: string
  ) {
    tracker.forEach(panel => {
      void this.follow(panel);
    });
    tracker.widgetAdded.connect((_, panel) => {
      void this.follow(panel);
    });
    tracker.currentChanged.connect(() => {
      this.currentChanged.emit();
    });
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

  /** Find the notebook of a cell; null for a console's. */
  notebookOf(cell: ICellModel): SyncedNotebook | null {
    return [...this.byContext.values()].find(notebook => notebook.cell(cell.id) === cell) ?? null;
  }

  /** Bring a cell into view, make it the active one and focus it; false if it is gone. */
  async reveal(notebook: SyncedNotebook, cellId: string): Promise<boolean> {
    const panel = this.panelOf(notebook);
    const index = notebook.number(cellId) - 1;
    if (!panel || index < 0) {
      return false;
    }
    this.activate(panel.id);
    panel.content.activeCellIndex = index;
    panel.content.deselectAll();
    await panel.content.scrollToItem(index, 'smart');
    panel.content.node.focus();
    return true;
  }

  /** Make a cell the active one. */
  select({ notebook, cell }: CellPlace): void {
    const panel = this.panelOf(notebook);
    if (panel) {
      panel.content.activeCellIndex = notebook.number(cell.id) - 1;
      panel.content.deselectAll();
    }
  }

  widget(notebook: SyncedNotebook, cellId: string): Cell | null {
    return this.panelOf(notebook)?.content.widgets.find(widget => widget.model.id === cellId) ?? null;
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
    if (panel.isDisposed || this.byContext.has(context)) {
      return; // a second view on the same notebook shares its model
    }
    this.session.start();
    const notebook = new SyncedNotebook(context, this.session, this.rootUri);
    this.byContext.set(context, notebook);
    context.disposed.connect(() => {
      this.byContext.delete(context);
      notebook.dispose();
      this.currentChanged.emit();
    });
    this.currentChanged.emit();
  }

  private readonly byContext = new Map<NotebookPanel['context'], SyncedNotebook>();
}
