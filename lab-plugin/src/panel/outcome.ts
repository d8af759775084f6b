/** What a run gave: its outputs as they come, then what was run and how it ended. */
import type { OutputAreaModel } from '@jupyterlab/outputarea';
import { element, textButton } from '../dom';
import { verdictIcons } from '../icons';
import type { Outcome, Verdict } from '../protocol';
import { cellId, type SyncedNotebook } from '../sync';
import { newOutputs, type Task } from '../task';
import { cellButton, folded, joined, outputArea, Section, type PanelContext } from './parts';
import { told } from './settings';

export class RunView extends Section {
  constructor(
    private readonly context: PanelContext,
    private readonly task: Task
  ) {
    super(element('div', { class: 'jp-AiNotebook-run' }));
    this.add(this.head);
    this.add(this.own);
  }

  refresh(): void {
    for (const [id, model] of this.task.outputs) {
      if (id === this.task.cellId && !this.shown) {
        this.showOwn(model);
      }
    }
    if (this.task.answer && 'outcome' in this.task.answer) {
      this.conclude(this.task.answer.outcome);
    }
  }

  private conclude(outcome: Outcome): void {
    if (this.concluded) {
      return;
    }
    this.concluded = true;
    this.head.add(this.line(outcome));
    if (outcome.notice) {
      this.head.add(element('p', { class: 'jp-AiNotebook-notice' }, ...told(this.context, outcome.notice)));
    }
    this.head.add(
      folded([this.summary(outcome)], 'jp-AiNotebook-details', details => {
        details.add(outcomeFacts(this.context, this.task.notebook, outcome));
        this.offerAll(details);
        this.task.outputs.forEach((model, id) => {
          if (id !== this.task.cellId) {
            details.add(
              element('p', { class: 'jp-AiNotebook-label' }, cellButton(this.context, this.task.notebook, id))
            );
            details.add(outputArea(this.context, model));
          }
        });
      })
    );
    // What was streamed is what the outcome holds, unless some of it was missed.
    if (!this.shown && outcome.outputs.length > 0) {
      const model = newOutputs(outcome.outputs);
      this.task.outputs.set(this.task.cellId, model);
      this.showOwn(model);
    }
    if (outcome.status === 'ok' && outcome.outputs.length === 0) {
      const nothing = this.context.words.trans.__('No output.');
      this.own.add(element('p', { class: 'jp-AiNotebook-muted' }, nothing));
    }
    if (outcome.truncatedBytes > 0) {
      const { words } = this.context;
      const cut = words.trans.__('Cut here: %1 more of output was dropped.', words.bytes(outcome.truncatedBytes));
      this.own.add(element('p', { class: 'jp-AiNotebook-notice' }, cut));
    }
  }

  /** Whoever does not trust that what was left out is not needed runs it too. */
  private offerAll(details: Section): void {
    const { assistant, words } = this.context;
    const { task } = this;
    if (task.verb === 'run' && (task.wish.mode ?? 'needed') === 'needed' && task.notebook.number(task.cellId) > 1) {
      details.add(
        textButton(words.trans.__('Run all cells above, then this one'), 'jp-AiNotebook-all', () => {
          assistant.start('run', task.notebook, task.cellId, { mode: 'above' });
        })
      );
    }
  }

  private showOwn(model: OutputAreaModel): void {
    this.shown = true;
    this.own.add(outputArea(this.context, model));
  }

  private line(outcome: Outcome): HTMLElement {
    const { words } = this.context;
    const { failure } = outcome;
    const looks: Verdict =
      outcome.status === 'ok' ? 'verified' : outcome.status === 'error' ? 'same-error' : 'new-error';
    const text = failure ? `${failure.ename}: ${firstLine(failure.evalue)}` : words.status(outcome.status);
    const line = element(
      'p',
      { class: 'jp-AiNotebook-line', 'data-status': outcome.status },
      verdictIcons[looks].element({ tag: 'span', className: 'jp-AiNotebook-icon' }),
      element('span', {}, text)
    );
    line.dataset['looks'] = looks;
    if (failure && this.task.verb !== 'scratch' && cellId(failure.uri) !== this.task.cellId) {
      line.append(' ', cellButton(this.context, this.task.notebook, cellId(failure.uri)));
    }
    return line;
  }

  private summary(outcome: Outcome): string {
    const { trans } = this.context.words;
    const duration = this.context.words.duration(outcome.durationMs);
    const count = outcome.replayed.length;
    if (this.task.verb === 'scratch') {
      return count === 0
        ? trans.__('This code alone, %1', duration)
        : trans._n('This code after %1 cell, %2', 'This code after %1 cells, %2', count, duration);
    }
    return count === 0
      ? trans.__('This cell, %1', duration)
      : trans._n('This cell and %1 cell before it, %2', 'This cell and %1 cells before it, %2', count, duration);
  }

  private readonly head = new Section(element('div'));
  private readonly own = new Section(element('div', { class: 'jp-AiNotebook-scroll', tabindex: '0' }));
  private shown = false;
  private concluded = false;
}

/** List what was run and where. */
export function outcomeFacts(
  context: PanelContext,
  notebook: SyncedNotebook,
  outcome: Outcome,
  more: [string, (Node | string)[]][] = [],
  durationMs = outcome.durationMs
): HTMLElement {
  const { words } = context;
  const { trans } = words;
  const cells = (uris: string[]) =>
    joined(
      uris.map(uri => cellButton(context, notebook, cellId(uri))),
      ', '
    );
  const facts: [string, (Node | string)[]][] = [
    [trans.__('Run before it'), cells(outcome.replayed)],
    [trans.__('Still valid'), cells(outcome.fresh)],
    ...more,
    [trans.__('Time'), [words.duration(durationMs)]],
    [trans.__('Isolation'), [words.level(outcome.level)]]
  ];
  const list = element('dl', { class: 'jp-AiNotebook-facts' });
  for (const [name, value] of facts) {
    if (value.length > 0) {
      list.append(element('dt', {}, name), element('dd', {}, ...value));
    }
  }
  return list;
}

function firstLine(text: string): string {
  return text.trim().split('\n', 1)[0] ?? '';
}
