/** What a run gave: as it comes, then in a line, with what was run and where below it. */
import { button, element, folded, listed } from './dom.js';
import { OutputView } from './outputs.js';
import { cellId } from './sync.js';
import { LEVELS, STATUSES, bytes, duration } from './words.js';

/** @typedef {import('./page.js').Page} Page */
/** @typedef {import('./task.js').Task} Task */
/** @typedef {import('../../lab-plugin/src/protocol').Outcome} Outcome */
/** @typedef {import('../../lab-plugin/src/protocol').CellOutput} CellOutput */

export class RunView {
  node = element('div', { class: 'ai-notebook-run' });
  #head = element('div');
  #own = element('div', { class: 'ai-notebook-scroll', role: 'region', 'aria-label': 'Output', tabindex: '0' });
  /** The outputs of each cell that ran, in the order of their first. @type {Map<string, OutputView>} */
  #views = new Map();
  #page;
  #task;

  /**
   * @param {Page} page
   * @param {Task} task
   */
  constructor(page, task) {
    this.#page = page;
    this.#task = task;
    this.node.append(this.#head, this.#own);
    this.#own.hidden = true;
    task.addEventListener('output', event => {
      const { uri, output } = /** @type {CustomEvent<CellOutput>} */ (event).detail;
      this.#view(cellId(uri)).add(output);
    });
  }

  /** @param {Outcome} outcome */
  conclude(outcome) {
    const { status, notice, outputs, truncatedBytes } = outcome;
    this.#head.append(this.#line(outcome));
    if (notice) {
      this.#head.append(element('p', { class: 'ai-notebook-notice' }, notice));
    }
    // What was streamed is what the outcome holds, unless some of it was missed.
    if (!this.#views.has(this.#task.cellId)) {
      outputs.forEach(output => {
        this.#view(this.#task.cellId).add(output);
      });
    }
    if (status === 'ok' && outputs.length === 0) {
      this.#head.append(element('p', { class: 'ai-notebook-muted' }, 'No output.'));
    }
    if (truncatedBytes > 0) {
      const cut = `Cut here: ${bytes(truncatedBytes)} more of output was dropped.`;
      this.node.append(element('p', { class: 'ai-notebook-notice' }, cut));
    }
    this.node.append(this.#details(outcome));
  }

  /** @param {string} id */
  #view(id) {
    let view = this.#views.get(id);
    if (!view) {
      view = new OutputView(this.#page.classic, this.#page.markup);
      this.#views.set(id, view);
      if (id === this.#task.cellId) {
        this.#own.append(view.node);
        this.#own.hidden = false;
      }
    }
    return view;
  }

  /** @param {Outcome} outcome */
  #line({ status, failure }) {
    const text = failure ? `${failure.ename}: ${failure.evalue.trim().split('\n', 1)[0] ?? ''}` : STATUSES[status];
    const verdict = { ok: 'verified', error: 'same-error' }[/** @type {string} */ (status)] ?? 'new-error';
    const line = element('p', { class: 'ai-notebook-line', 'data-verdict': verdict, 'data-status': status }, text);
    if (failure && cellId(failure.uri) !== this.#task.cellId) {
      line.append(' in ', this.#page.cellButton(cellId(failure.uri)));
    }
    return line;
  }

  /** @param {Outcome} outcome */
  #details(outcome) {
    const { replayed, durationMs } = outcome;
    const before = { 0: '', 1: ' and 1 cell before it' }[replayed.length] ?? ` and ${replayed.length} cells before it`;
    return folded([`This cell${before}, ${duration(durationMs)}`], 'ai-notebook-details', details => {
      details.append(outcomeFacts(this.#page, outcome));
      for (const [id, { node }] of this.#views) {
        if (id !== this.#task.cellId) {
          details.append(element('p', { class: 'ai-notebook-muted' }, this.#page.cellButton(id)), node);
        }
      }
      if (this.#task.mode === 'needed' && this.#page.notebook.number(this.#task.cellId) > 1) {
        // Whoever does not trust that what was left out is not needed runs it too.
        const all = () => {
          this.#page.performInstead(this.node.closest('.ai-notebook-answer'), 'run', this.#task.cellId, 'above');
        };
        details.append(button('Run all cells above, then this one', 'btn btn-default btn-xs', all));
      }
    });
  }
}

/**
 * List what was run and where.
 * @param {Page} page
 * @param {Outcome} outcome
 * @param {[string, (Node | string)[]][]} more
 */
export function outcomeFacts(page, { replayed, fresh, durationMs, level }, more = []) {
  const cells = (/** @type {string[]} */ uris) => listed(uris.map(uri => page.cellButton(cellId(uri))));
  /** @type {[string, (Node | string)[]][]} */
  const facts = [
    ['Run before it', cells(replayed)],
    ['Still valid', cells(fresh)],
    ...more,
    ['Time', [duration(durationMs)]],
    ['Isolation', [LEVELS[level]]]
  ];
  const list = element('dl', { class: 'ai-notebook-facts' });
  for (const [name, value] of facts) {
    if (value.length > 0) {
      list.append(element('dt', {}, name), element('dd', {}, ...value));
    }
  }
  return list;
}
