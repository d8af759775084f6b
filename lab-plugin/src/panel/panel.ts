/** The panel in the right area: what was asked, newest first. */
import { refreshIcon, stopIcon } from '@jupyterlab/ui-components';
import { CommandRegistry } from '@lumino/commands';
import { Panel, Widget, type PanelLayout } from '@lumino/widgets';
import { CommandIDs } from '../commands';
import { element, iconButton } from '../dom';
import { panelIcon } from '../icons';
import type { Status, StatusLine } from '../status';
import type { Task } from '../task';
import { Card } from './card';
import type { PanelContext } from './parts';
import { QuestionField } from './question';

/** Cards kept; older ones are dropped, running ones never. */
const CARDS = 50;

export class SidecarPanel extends Panel {
  constructor(
    private readonly context: PanelContext,
    status: Status,
    line: StatusLine,
    commands: CommandRegistry
  ) {
    super();
    const { trans } = context.words;
    this.id = 'ai-notebook-ls-panel';
    this.addClass('jp-AiNotebook-panel');
    this.title.icon = panelIcon;
    this.title.caption = trans.__('AI Notebook');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('AI Notebook'));
    const header = new Panel();
    header.addClass('jp-AiNotebook-header');
    header.addWidget(line);
    header.addWidget(new Widget({ node: controls(context, commands) }));
    this.empty = new Widget({ node: emptyState(context) });
    this.cards.addClass('jp-AiNotebook-cards');
    this.addWidget(header);
    this.addWidget(this.empty);
    this.addWidget(this.cards);
    this.question = new QuestionField(context, status);
    this.addWidget(this.question);
    this.node.append(this.live);
  }

  add(task: Task): void {
    const card = new Card(this.context, task, () => {
      card.dispose();
      this.empty.setHidden(this.cards.widgets.length > 0);
      this.focusNewest();
    });
    (this.cards.layout as PanelLayout).insertWidget(0, card);
    this.cards.node.scrollTop = 0;
    this.empty.hide();
    for (const old of this.cards.widgets.slice(CARDS)) {
      if (old instanceof Card && old.task.phase !== 'running') {
        old.dispose();
      }
    }
  }

  announce(sentence: string): void {
    this.live.textContent = sentence;
  }

  /** Take the focus: to the newest card, or to the first button. */
  focusNewest(): void {
    const target = this.cards.widgets[0]?.node ?? this.node.querySelector<HTMLElement>('button');
    target?.focus();
  }

  /** Take the focus to where a question is typed; to the newest card where there is no model. */
  focusQuestion(): void {
    if (this.question.isHidden) {
      this.focusNewest();
    } else {
      this.question.focus();
    }
  }

  private readonly cards = new Panel();
  private readonly question: QuestionField;
  private readonly empty: Widget;
  private readonly live = element('div', { class: 'jp-AiNotebook-live', role: 'status', 'aria-live': 'polite' });
}

function controls({ words }: PanelContext, commands: CommandRegistry): HTMLElement {
  const { trans } = words;
  return element(
    'div',
    { class: 'jp-AiNotebook-actions', role: 'toolbar', 'aria-label': trans.__('Sidecar kernel') },
    iconButton(stopIcon, trans.__('Interrupt the sidecar kernel'), 'jp-AiNotebook-interrupt', () => {
      void commands.execute(CommandIDs.interrupt);
    }),
    iconButton(refreshIcon, trans.__('Restart the sidecar kernel'), 'jp-AiNotebook-restart', () => {
      void commands.execute(CommandIDs.restart);
    })
  );
}

function emptyState({ words }: PanelContext): HTMLElement {
  const { trans } = words;
  return element(
    'div',
    { class: 'jp-AiNotebook-empty' },
    panelIcon.element({ tag: 'span', className: 'jp-AiNotebook-emptyIcon' }),
    element(
      'p',
      {},
      trans.__('Click the lightbulb beside a cell, or press %1 in it.', CommandRegistry.formatKeystroke(['Accel .']))
    ),
    element(
      'p',
      { class: 'jp-AiNotebook-muted' },
      trans.__(
        'Everything runs in a sidecar kernel. Your own kernel is never touched, and each fix has run before you see it.'
      )
    )
  );
}
