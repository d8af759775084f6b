/** One request in the panel, from the asking to the answer. */
import { Clipboard } from '@jupyterlab/apputils';
import { closeIcon, copyIcon, refreshIcon, stopIcon, type LabIcon } from '@jupyterlab/ui-components';
import { element, iconButton, linkButton, textButton } from '../dom';
import { askIcon, explainIcon, fixIcon, foldIcon, improveIcon, pinIcon, runIcon } from '../icons';
import type { CommandName, Usage } from '../protocol';
import type { Task, Trouble, Verb } from '../task';
import { codeView } from './answer';
import { MarkdownView } from './markdown';
import { RunView } from './outcome';
import { cellButton, Section, type PanelContext } from './parts';
import { previewView, sentView } from './preview';
import { proposalsView } from './proposals';
import { told } from './settings';

const ICONS: Record<Verb, LabIcon> = {
  run: runIcon,
  explain: explainIcon,
  fix: fixIcon,
  improve: improveIcon,
  ask: askIcon,
  preview: explainIcon,
  scratch: runIcon
};

/** What a card is told besides its task. */
export interface CardOptions {
  readonly isPinned?: boolean;
  /** A folded card makes its body when it is unfolded. */
  readonly isFolded?: boolean;
  onClose(): void;
}

export class Card extends Section {
  constructor(
    private readonly context: PanelContext,
    readonly task: Task,
    private readonly options: CardOptions
  ) {
    super(element('article', { class: 'jp-AiNotebook-card', 'data-verb': task.verb, tabindex: '-1' }));
    this.isPinned = options.isPinned ?? false;
    this.isFolded = options.isFolded ?? false;
    this.isNew = task.phase === 'running';
    this.node.setAttribute('aria-label', `${context.words.verb(task.verb)}, ${this.cellName()}`);
    this.add(this.header());
    this.add(this.progress);
    this.add(this.body);
    this.add(this.trouble);
    task.changed.connect(this.refresh, this);
    this.refresh();
  }

  override dispose(): void {
    if (!this.isDisposed) {
      super.dispose();
      this.task.dispose();
    }
  }

  /** Whether it stays when the others are cleared. */
  isPinned: boolean;

  /** Show the body, or the header alone. */
  fold(folded: boolean): void {
    this.isFolded = folded;
    this.refresh();
  }

  private header(): HTMLElement {
    const { task, context } = this;
    const text = task.notebook.cell(task.cellId)?.sharedModel.source ?? task.asked.get(task.cellId)?.source ?? '';
    const source = text.trim().split('\n', 1)[0] ?? '';
    const said = task.wish.question ?? task.wish.instruction;
    const time = task.began.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
    return element(
      'header',
      { class: 'jp-AiNotebook-cardHeader' },
      this.foldButton,
      ICONS[task.verb].element({ tag: 'span', className: 'jp-AiNotebook-icon' }),
      element('h3', {}, context.words.verb(task.verb)),
      this.actions,
      element(
        'div',
        { class: 'jp-AiNotebook-cardPlace' },
        cellButton(context, task.notebook, task.cellId),
        said === undefined ? element('code', { title: source }, source) : element('span', {}, said),
        element('time', { title: task.began.toLocaleString() }, time)
      )
    );
  }

  private refresh(): void {
    const { task } = this;
    if (this.isDisposed) {
      return;
    }
    this.refreshFold();
    if (this.node.dataset['phase'] !== task.phase) {
      this.node.dataset['phase'] = task.phase;
      this.refreshActions();
    }
    if (this.isFolded) {
      return;
    }
    if (task.phase !== 'running' && !this.isConcluded) {
      this.isConcluded = true;
      this.conclude();
    }
    if (task.trouble !== this.shownTrouble) {
      this.shownTrouble = task.trouble;
      this.showTrouble(task.trouble);
    }
    this.progress.textContent = task.progress || this.context.words.trans.__('Working…');
    this.progress.hidden = task.phase !== 'running';
    if ((task.verb === 'explain' || task.verb === 'ask') && task.text) {
      this.markdown().stream(task.text);
    } else if (task.verb === 'run' && (task.outputs.size > 0 || task.answer)) {
      this.runView().refresh();
    }
  }

  private refreshFold(): void {
    const { trans } = this.context.words;
    this.node.toggleAttribute('data-folded', this.isFolded);
    this.foldButton.setAttribute('aria-expanded', String(!this.isFolded));
    this.foldButton.title = this.isFolded ? trans.__('Unfold') : trans.__('Fold');
    this.foldButton.setAttribute(
      'aria-label',
      `${this.foldButton.title}: ${this.node.getAttribute('aria-label') ?? ''}`
    );
  }

  private pinButton(): HTMLButtonElement {
    const { task, context } = this;
    const { trans } = context.words;
    const label = this.isPinned ? trans.__('Unpin') : trans.__('Pin: keep it when the history is cleared');
    const button = iconButton(pinIcon, label, 'jp-AiNotebook-pin', () => {
      this.isPinned = !this.isPinned;
      context.assistant.pin(task, this.isPinned);
      this.refreshActions();
      this.actions.querySelector<HTMLElement>('.jp-AiNotebook-pin')?.focus();
    });
    button.setAttribute('aria-pressed', String(this.isPinned));
    return button;
  }

  private refreshActions(): void {
    const { task, context } = this;
    const { trans } = context.words;
    const hadFocus = this.actions.contains(document.activeElement);
    const buttons: HTMLButtonElement[] = [];
    if (task.phase === 'running') {
      buttons.push(
        iconButton(stopIcon, trans.__('Stop'), 'jp-AiNotebook-stop', () => {
          context.assistant.stop(task);
        })
      );
    } else {
      if (task.answer && !('proposals' in task.answer)) {
        buttons.push(
          iconButton(copyIcon, trans.__('Copy'), 'jp-AiNotebook-copy', () => {
            Clipboard.copyToSystem(this.copyText());
            context.announce(trans.__('Copied.'));
          })
        );
      }
      if (!task.notebook.isDisposed) {
        buttons.push(
          iconButton(refreshIcon, trans.__('Run again'), 'jp-AiNotebook-again', () => {
            context.assistant.again(task);
          })
        );
      }
      if (task.isKept) {
        buttons.push(this.pinButton());
      }
      buttons.push(iconButton(closeIcon, trans.__('Remove'), 'jp-AiNotebook-remove', this.options.onClose));
    }
    this.actions.replaceChildren(...buttons);
    if (hadFocus) {
      buttons[0]?.focus();
    }
  }

  private conclude(): void {
    const { task, context } = this;
    const { words } = context;
    switch (task.answer?.verb) {
      case 'explain':
        this.markdown().stream(task.answer.explanation.markdown);
        this.addOrigin(
          'aiNotebook.explain',
          task.answer.explanation.usage !== undefined,
          task.answer.explanation.sent,
          this.source(task.answer.explanation, 'explain')
        );
        this.announce(words.trans.__('The explanation is ready.'));
        break;
      case 'ask':
        this.markdown().stream(task.answer.answer.markdown);
        this.body.add(codeView(context, task, task.answer.answer));
        this.addOrigin(
          'aiNotebook.ask',
          task.answer.answer.usage !== undefined,
          task.answer.answer.sent,
          this.source(task.answer.answer, 'ask')
        );
        this.announce(words.trans.__('The answer is ready.'));
        break;
      case 'preview':
        this.body.add(previewView(context, task.answer.preview));
        this.announce(words.trans.__('Nothing was sent: this is what would be.'));
        break;
      case 'run':
        this.announce(`${words.verb('run')}: ${words.status(task.answer.outcome.status)}`);
        break;
      case 'fix':
      case 'improve': {
        const { candidates, note, sent } = task.answer.proposals;
        this.body.add(proposalsView(context, task, task.answer.proposals));
        const wasAsked = candidates.some(({ origin }) => origin.startsWith('model:'));
        this.addOrigin(`aiNotebook.${task.answer.verb}`, wasAsked, sent);
        const best = candidates[0];
        this.announce(best ? `${best.title}. ${best.receipt.reason}` : (note ?? words.trans.__('Nothing was found.')));
        break;
      }
      case 'scratch':
      case undefined:
        break;
    }
  }

  /** Tell of what has just come; what is shown again from before is not news. */
  private announce(sentence: string): void {
    if (this.isNew) {
      this.context.announce(sentence);
    }
  }

  private showTrouble(trouble: Trouble | null): void {
    const { task, context } = this;
    this.trouble.hidden = trouble === null;
    if (!trouble) {
      return;
    }
    const { message, hint } = trouble;
    const view = element('div', { class: 'jp-AiNotebook-trouble' }, element('p', {}, ...told(context, message)));
    if (hint) {
      view.append(element('p', { class: 'jp-AiNotebook-muted' }, ...told(context, hint)));
    }
    if (task.phase === 'lost') {
      view.append(
        textButton(context.words.trans.__('Retry'), 'jp-AiNotebook-retry', () => {
          context.assistant.again(task);
          this.options.onClose();
        })
      );
    }
    this.trouble.replaceChildren(view);
    context.announce(`${context.words.verb(task.verb)}: ${message} ${hint}`);
  }

  /** Who says so, and what it took. */
  private source(answer: { provider: string; cached?: boolean; usage?: Usage }, verb: Verb): string {
    const { trans } = this.context.words;
    const { provider, cached, usage } = answer;
    if (usage) {
      return cached
        ? trans.__('From %1, as before', usage.model)
        : trans.__(
            'From %1: %2 tokens read, %3 written, %4',
            usage.model,
            usage.promptTokens,
            usage.answerTokens,
            this.context.words.duration(usage.seconds * 1000)
          );
    }
    return provider === 'builtin' && verb === 'explain'
      ? trans.__('From the code itself, no model')
      : trans.__('From %1', provider);
  }

  /** Who says so and, where a model was asked, what it was sent, and what it would be sent now. */
  private addOrigin(command: CommandName, wasAsked: boolean, sent = 0, source = ''): void {
    const { task, context } = this;
    const { trans } = context.words;
    if (!source && !wasAsked && sent === 0) {
      return;
    }
    const line = element('p', { class: 'jp-AiNotebook-origin' }, source);
    this.body.add(line);
    if (sent > 0) {
      const shown = new Section(element('div'));
      line.append(' ', this.sentButton(shown));
      this.body.add(shown);
    }
    if (wasAsked || sent > 0) {
      const look = linkButton(trans.__('What is sent?'), 'jp-AiNotebook-look', () => {
        context.assistant.start('preview', task.notebook, task.cellId, { ...task.wish, command });
      });
      line.append(' ', look);
    }
  }

  /** A button that shows and hides what was really sent; asked for only then, since it may be long. */
  private sentButton(shown: Section): HTMLButtonElement {
    const { task, context } = this;
    const button = linkButton(context.words.trans.__('What was sent'), 'jp-AiNotebook-sent', () => {
      const isShown = button.getAttribute('aria-expanded') === 'true';
      button.setAttribute('aria-expanded', String(!isShown));
      shown.clear();
      if (!isShown) {
        void context.assistant
          .sent(task)
          .catch(() => ({ requests: [] }))
          .then(({ requests }) => {
            shown.clear();
            shown.add(sentView(context, requests));
          });
      }
    });
    button.setAttribute('aria-expanded', 'false');
    return button;
  }

  private copyText(): string {
    const { answer } = this.task;
    if (answer?.verb === 'explain') {
      return answer.explanation.markdown;
    }
    if (answer?.verb === 'ask') {
      return answer.answer.markdown;
    }
    if (answer?.verb === 'preview') {
      return answer.preview.body;
    }
    return this.body.node.querySelector<HTMLElement>('.jp-AiNotebook-scroll')?.innerText ?? '';
  }

  private cellName(): string {
    return this.context.words.cell(this.task.notebook.number(this.task.cellId));
  }

  private markdown(): MarkdownView {
    if (!this._markdown) {
      this._markdown = new MarkdownView(this.context.rendermime);
      this.body.add(this._markdown);
    }
    return this._markdown;
  }

  private runView(): RunView {
    if (!this._run) {
      this._run = new RunView(this.context, this.task);
      this.body.add(this._run);
    }
    return this._run;
  }

  private isFolded: boolean;
  private isConcluded = false;
  private readonly isNew: boolean;
  private readonly foldButton = iconButton(foldIcon, '', 'jp-AiNotebook-fold', () => {
    this.fold(!this.isFolded);
  });
  private readonly actions = element('div', { class: 'jp-AiNotebook-actions' });
  private readonly progress = element('p', { class: 'jp-AiNotebook-progress', role: 'progressbar' });
  private readonly body = new Section(element('div', { class: 'jp-AiNotebook-cardBody' }));
  private readonly trouble = element('div', { class: 'jp-AiNotebook-cardBody', hidden: '' });
  private shownTrouble: Trouble | null = null;
  private _markdown: MarkdownView | null = null;
  private _run: RunView | null = null;
}
