/** The panel in the right area: what was asked, what the sidecar kernel holds, and a console on it. */
import { refreshIcon, stopIcon } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import { Panel, Widget } from '@lumino/widgets';
import { CommandIDs } from '../commands';
import type { Differences } from '../differences';
import { element, iconButton } from '../dom';
import { panelIcon } from '../icons';
import { StatusLine, type Status } from '../status';
import type { Task } from '../task';
import { AboutView } from './about';
import { HistoryView } from './history';
import type { PanelContext } from './parts';
import { ScratchpadView } from './scratchpad';
import { Tabs } from './tabs';
import { VariablesView } from './variables';

export class SidecarPanel extends Panel {
  readonly history: HistoryView;
  readonly variables: VariablesView;
  readonly scratchpad: ScratchpadView;

  constructor(context: PanelContext, status: Status, differences: Differences, commands: CommandRegistry) {
    super();
    const { trans } = context.words;
    this.id = 'ai-notebook-ls-panel';
    this.addClass('jp-AiNotebook-panel');
    this.title.icon = panelIcon;
    this.title.caption = trans.__('AI Notebook');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('AI Notebook'));
    const about = new AboutView(context, status, () => {
      void commands.execute(CommandIDs.toggle);
    });
    const line = new StatusLine(status, context.words, () => {
      about.setHidden(!about.isHidden);
      line.expand(!about.isHidden);
    });
    line.expand(false);
    const header = new Panel();
    header.addClass('jp-AiNotebook-header');
    header.addWidget(line);
    header.addWidget(new Widget({ node: controls(context, commands) }));
    this.history = new HistoryView(context, status);
    this.variables = new VariablesView(context, status, differences);
    this.scratchpad = new ScratchpadView(context);
    this.tabs = new Tabs(trans.__('AI Notebook'), [
      [trans.__('History'), this.history],
      [trans.__('Variables'), this.variables],
      [trans.__('Scratchpad'), this.scratchpad]
    ]);
    [header, about, this.tabs].forEach(widget => {
      this.addWidget(widget);
    });
    this.node.append(this.live);
  }

  add(task: Task): void {
    this.tabs.select(this.history);
    this.history.add(task);
  }

  /** Show the answer to a task, and take the focus there. */
  reveal(task: Task): void {
    this.tabs.select(this.history);
    this.history.reveal(task);
  }

  announce(sentence: string): void {
    this.live.textContent = sentence;
  }

  /** Take the focus: to the newest card, or to the first button. */
  focusNewest(): void {
    this.tabs.select(this.history);
    if (!this.history.focusNewest()) {
      this.node.querySelector('button')?.focus();
    }
  }

  /** Take the focus to where a question is typed; to the newest card where there is no model. */
  focusQuestion(): void {
    this.tabs.select(this.history);
    if (!this.history.focusQuestion()) {
      this.focusNewest();
    }
  }

  showVariables(): void {
    this.tabs.select(this.variables);
  }

  /** Show the scratchpad; with code, put that into its field. */
  openScratch(code?: string): void {
    this.tabs.select(this.scratchpad);
    if (code === undefined) {
      this.scratchpad.focusInput();
    } else {
      this.scratchpad.open(code);
    }
  }

  private readonly tabs: Tabs;
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
