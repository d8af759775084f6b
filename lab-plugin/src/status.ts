/** How the sidecar is: the page's link to it, and the kernel of the notebook in front. */
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';
import { element } from './dom';
import type { Assistant } from './assistant';
import type { Notebooks } from './notebooks';
import type { Preferences } from './preferences';
import type { State } from './protocol';
import type { Session } from './session';
import type { SyncedNotebook } from './sync';
import type { Words } from './words';

export class Status {
  readonly changed = new Signal<this, void>(this);

  constructor(
    private readonly session: Session,
    private readonly notebooks: Notebooks,
    private readonly assistant: Assistant,
    private readonly preferences: Preferences
  ) {
    session.on('aiNotebook/state', params => {
      this.take(params as State);
    });
    assistant.started.connect(() => {
      this.changed.emit();
    });
    assistant.ended.connect(() => {
      this.changed.emit();
    });
    preferences.changed.connect(() => {
      this.changed.emit();
    });
    session.linkChanged.connect(() => {
      this.states.clear();
      this.ask();
      this.changed.emit();
    });
    notebooks.currentChanged.connect(() => {
      this.ask();
      this.changed.emit();
    });
  }

  get link(): Session['link'] {
    return this.session.link;
  }

  /** How many requests about the current notebook run. */
  get running(): number {
    const { current } = this.notebooks;
    return current ? this.assistant.runningOf(current).length : 0;
  }

  /** Whether the user, or an administrator, has switched the assistant off for the notebook in front. */
  get isOff(): boolean {
    const path = this.notebooks.currentPath;
    return path !== null && !this.preferences.isOn(path);
  }

  /** The state of the current notebook's kernel; null while it is not known. */
  get state(): State | null {
    const uri = this.notebooks.current?.uri;
    return (uri !== undefined && this.states.get(uri)) || null;
  }

  /** Interrupt or restart a notebook's sidecar kernel. */
  async control(command: 'aiNotebook.interrupt' | 'aiNotebook.restart', notebook: SyncedNotebook): Promise<void> {
    this.take(await this.session.execute(command, { uri: notebook.uri }));
  }

  private ask(): void {
    const notebook = this.notebooks.current;
    if (notebook && this.session.link === 'ready' && !this.states.has(notebook.uri)) {
      this.session.execute('aiNotebook.state', { uri: notebook.uri }).then(
        state => {
          this.take(state);
        },
        () => undefined // asked again when the link or the notebook changes
      );
    }
  }

  private take(state: State): void {
    this.states.set(state.notebook, state);
    this.changed.emit();
  }

  private readonly states = new Map<string, State>();
}

/** Whether the level is known: it is chosen a moment after a notebook is opened, and `process` is never without a reason. */
export function isChosen({ level, why }: State): boolean {
  return level !== 'process' || why !== undefined;
}

/** The status in one line, as a button that shows the panel. */
export class StatusLine extends Widget implements IDisposable {
  constructor(
    private readonly status: Status,
    private readonly words: Words,
    onClick: () => void
  ) {
    super({ node: element('div', { class: 'jp-AiNotebook-status' }) });
    this.button.addEventListener('click', onClick);
    this.button.append(this.mark, this.text, this.level);
    this.node.append(this.button);
    status.changed.connect(this.refresh, this);
    this.refresh();
  }

  override dispose(): void {
    Signal.clearData(this);
    super.dispose();
  }

  /** Say whether what the button unfolds shows. */
  expand(isExpanded: boolean): void {
    this.button.setAttribute('aria-expanded', String(isExpanded));
  }

  private refresh(): void {
    const { link, state, running, isOff } = this.status;
    const { words } = this;
    this.node.dataset['state'] = isOff ? 'off' : link;
    this.node.dataset['kernel'] = state?.kernel ?? 'none';
    if (isOff) {
      this.text.textContent = words.trans.__('Sidecar off for this notebook');
      this.button.title = words.trans.__('Switch it on in the Kernel menu, or in the settings under AI Notebook.');
      this.level.textContent = '';
      return;
    }
    const told = link === 'ready' && state ? words.kernel(state.kernel) : words.link(link);
    this.text.textContent = running > 1 ? words.trans.__('%1, %2 requests', told, running) : told;
    this.level.textContent = link === 'ready' && state && isChosen(state) ? state.level : '';
    this.level.dataset['weaker'] = String(state !== null && state.level !== 'sandboxed');
    this.button.title = link === 'ready' && state ? this.explain(state) : this.text.textContent;
  }

  private explain(state: State): string {
    const { words } = this;
    const { provider } = state;
    const lines = isChosen(state) ? [words.trans.__('Isolation is %1.', words.level(state.level))] : [];
    if (state.why !== undefined) {
      lines.push(state.why);
    }
    if (state.uncontained) {
      lines.push(words.trans.__('Code that you did not write asks before it runs: %1', state.uncontained));
    }
    if (state.memoryBytes > 0) {
      lines.push(words.trans.__('Memory: %1.', words.bytes(state.memoryBytes)));
    }
    lines.push(
      provider.destination === undefined
        ? words.trans.__('Provider: %1. Nothing leaves this machine.', provider.name)
        : words.trans.__('Provider: %1, at %2.', provider.model ?? provider.name, provider.destination)
    );
    if (!provider.ready && provider.why !== undefined) {
      lines.push(provider.why);
    }
    return lines.join('\n');
  }

  private readonly button = element('button', { type: 'button', class: 'jp-AiNotebook-statusButton' });
  private readonly mark = element('span', { class: 'jp-AiNotebook-statusMark', 'aria-hidden': 'true' });
  private readonly text = element('span', { class: 'jp-AiNotebook-statusText' });
  private readonly level = element('span', { class: 'jp-AiNotebook-statusLevel' });
}
