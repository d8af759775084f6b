/** What was asked about the notebook in front, newest first: filtered, folded, pinned, cleared; again after a reload. */
import { Panel, Widget, type PanelLayout } from '@lumino/widgets';
import { element, textButton } from '../dom';
import { panelIcon } from '../icons';
import type { Status } from '../status';
import type { SyncedNotebook } from '../sync';
import type { Task } from '../task';
import { Card } from './card';
import type { PanelContext } from './parts';
import { QuestionField } from './question';

/** Cards kept of a notebook; older ones are dropped, running and pinned ones never. */
const CARDS = 50;

export class HistoryView extends Panel {
  constructor(
    private readonly context: PanelContext,
    status: Status
  ) {
    super();
    const { words, notebooks } = context;
    this.addClass('jp-AiNotebook-history');
    this.empty = new Widget({ node: emptyState(context) });
    this.cards.addClass('jp-AiNotebook-cards');
    this.question = new QuestionField(context, status);
    this.thisCell = textButton(words.trans.__('This cell only'), 'jp-AiNotebook-thisCell', () => {
      this.filter(!this.isFiltered);
    });
    this.clearButton = textButton(words.trans.__('Clear'), 'jp-AiNotebook-clear', () => {
      this.clear();
    });
    this.clearButton.title = words.trans.__('Remove all that is neither running nor pinned');
    const label = words.trans.__('History of this notebook');
    const toolbar = element('div', { class: 'jp-AiNotebook-toolbar', role: 'toolbar', 'aria-label': label });
    toolbar.append(this.count, this.thisCell, this.clearButton);
    this.toolbar = new Widget({ node: toolbar });
    [this.toolbar, this.empty, this.cards, this.question].forEach(widget => {
      this.addWidget(widget);
    });
    notebooks.currentChanged.connect(this.refresh, this);
    notebooks.activeCellChanged.connect(() => {
      if (this.isFiltered) {
        this.refresh();
      }
    });
    notebooks.opened.connect((_, notebook) => {
      void this.recall(notebook);
    });
    this.filter(false);
  }

  add(task: Task): void {
    (this.cards.layout as PanelLayout).insertWidget(0, this.card(task));
    this.cards.node.scrollTop = 0;
    if (this.isFiltered && task.cellId !== this.context.notebooks.activeCell?.cell.id) {
      this.filter(false);
    }
    const old = this.cardsOf(task.notebook).slice(CARDS);
    for (const card of old.filter(({ task, isPinned }) => task.phase !== 'running' && !isPinned)) {
      card.dispose();
    }
    this.refresh();
  }

  /** Show the answer to a task, and take the focus there. */
  reveal(task: Task): void {
    const card = this.all.find(each => each.task === task);
    if (card) {
      this.filter(false);
      card.fold(false);
      card.node.scrollIntoView({ block: 'nearest' });
      card.node.focus();
    }
  }

  /** Take the focus to the newest card; false if there is none. */
  focusNewest(): boolean {
    const [newest] = this.shown;
    newest?.node.focus();
    return newest !== undefined;
  }

  /** Take the focus to where a question is typed; to the newest card where there is no model. */
  focusQuestion(): boolean {
    if (this.question.isHidden) {
      return this.focusNewest();
    }
    this.question.focus();
    return true;
  }

  /** Remove all that is neither running nor pinned, here and from the server. */
  clear(): void {
    const notebook = this.context.notebooks.current;
    const cards = this.shown.filter(({ task, isPinned }) => task.phase !== 'running' && !isPinned);
    if (notebook) {
      this.context.assistant.drop(
        notebook,
        cards.map(({ task }) => task)
      );
    }
    cards.forEach(card => {
      card.dispose();
    });
    this.refresh();
    this.context.announce(this.context.words.trans.__('Cleared.'));
  }

  /** Show again what the server has kept. */
  private async recall(notebook: SyncedNotebook): Promise<void> {
    for (const card of this.all.filter(({ task }) => task.notebook.isDisposed && task.notebook.uri === notebook.uri)) {
      card.dispose(); // of the same notebook before it was closed: the server knows what it told
    }
    const found = await this.context.assistant.history(notebook).catch(() => []);
    if (notebook.isDisposed || this.isDisposed) {
      return;
    }
    const known = new Set(this.all.map(({ task }) => task.token));
    found.forEach(([task, isPinned], place) => {
      if (!known.has(task.token)) {
        this.cards.addWidget(this.card(task, isPinned, place > 0 || known.size > 0));
      }
    });
    this.refresh();
  }

  private card(task: Task, isPinned = false, isFolded = false): Card {
    const card = new Card(this.context, task, {
      isPinned,
      isFolded,
      onClose: () => {
        if (task.isKept) {
          this.context.assistant.drop(task.notebook, [task]);
        }
        card.dispose();
        this.refresh();
        this.focusNewest();
      }
    });
    return card;
  }

  private filter(on: boolean): void {
    this.isFiltered = on;
    this.thisCell.setAttribute('aria-pressed', String(on));
    this.refresh();
  }

  private refresh(): void {
    const { notebooks, words } = this.context;
    const { current } = notebooks;
    const cellId = this.isFiltered ? notebooks.activeCell?.cell.id : undefined;
    for (const card of this.all) {
      const { task } = card;
      const here = current === null ? task.notebook.isDisposed : task.notebook === current;
      card.setHidden(!here || (this.isFiltered && task.cellId !== cellId));
    }
    const { length } = this.shown;
    const ofNotebook = current ? this.cardsOf(current).length : length;
    this.toolbar.setHidden(ofNotebook === 0);
    this.empty.setHidden(ofNotebook > 0);
    this.count.textContent = this.isFiltered
      ? words.trans.__('%1 of %2', length, ofNotebook)
      : words.trans._n('%1 answer', '%1 answers', length, length);
  }

  private get all(): Card[] {
    return this.cards.widgets.filter(widget => widget instanceof Card);
  }

  private get shown(): Card[] {
    return this.all.filter(card => !card.isHidden);
  }

  private cardsOf(notebook: SyncedNotebook): Card[] {
    return this.all.filter(({ task }) => task.notebook === notebook);
  }

  private isFiltered = false;
  private readonly cards = new Panel();
  private readonly question: QuestionField;
  private readonly empty: Widget;
  private readonly toolbar: Widget;
  private readonly count = element('span', { class: 'jp-AiNotebook-count' });
  private readonly thisCell: HTMLButtonElement;
  private readonly clearButton: HTMLButtonElement;
}

function emptyState({ words }: PanelContext): HTMLElement {
  const { trans } = words;
  return element(
    'div',
    { class: 'jp-AiNotebook-empty' },
    panelIcon.element({ tag: 'span', className: 'jp-AiNotebook-emptyIcon' }),
    element('p', {}, trans.__('Click the lightbulb beside a cell, or press %1 in it.', words.keys(['Accel .']))),
    element(
      'p',
      { class: 'jp-AiNotebook-muted' },
      trans.__(
        'Everything runs in a sidecar kernel. Your own kernel is never touched, and each fix has run before you see it.'
      )
    )
  );
}
