/** One proposed change: its receipt, its diff, and the buttons that take it. */
import { button, copy, element, folded, listed, withCode } from './dom.js';
import { applyEdits, revertEdits } from './edits.js';
import { outcomeFacts } from './outcome.js';
import { OutputView } from './outputs.js';
import { cellId } from './sync.js';
import { CONFIDENCES, REFUSALS, STATUSES, VERDICTS, cellName } from './words.js';

/** @typedef {import('./page.js').Page} Page */
/** @typedef {import('./task.js').Task} Task */
/** @typedef {import('../../lab-plugin/src/protocol').Candidate} Candidate */

/** The head of a file in a unified diff; what it is called, the cell's button says. */
const FILE = /^--- .*\n\+\+\+ .*\n/m;

export class CandidateView {
  node;
  #buttons = element('div', { class: 'ai-notebook-buttons' });
  #said = element('p', { class: 'ai-notebook-said' });
  #page;
  #task;
  #candidate;

  /**
   * @param {Page} page
   * @param {Task} task
   * @param {Candidate} candidate
   */
  constructor(page, task, candidate) {
    this.#page = page;
    this.#task = task;
    this.#candidate = candidate;
    this.node = element(
      'section',
      { class: 'ai-notebook-candidate', 'data-verdict': candidate.receipt.verdict },
      element('h5', {}, ...withCode(candidate.title)),
      this.#receipt(),
      ...this.#diffs(),
      this.#buttons,
      this.#said,
      element('p', { class: 'ai-notebook-muted' }, this.#origin())
    );
    this.#offer();
  }

  #receipt() {
    const { verdict, reason, outcome, before, downstream, durationMs } = this.#candidate.receipt;
    const line = element(
      'span',
      { class: 'ai-notebook-line', 'data-verdict': verdict },
      element('span', { class: 'ai-notebook-unseen' }, `${VERDICTS[verdict]}. `),
      ...withCode(reason)
    );
    return folded([line], 'ai-notebook-receipt', details => {
      details.append(element('p', { class: 'ai-notebook-muted' }, `${VERDICTS[verdict]}.`));
      if (outcome) {
        const below = downstream.map(({ uri, status }) =>
          element('span', {}, this.#page.cellButton(cellId(uri)), ` ${STATUSES[status]}`)
        );
        const whole = { ...outcome, durationMs: durationMs || outcome.durationMs };
        details.append(outcomeFacts(this.#page, whole, [['Cells below', listed(below)]]));
        if (before) {
          const sides = [this.#output(before, 'Output before'), this.#output(outcome, 'Output after')];
          details.append(element('div', { class: 'ai-notebook-twoOutputs' }, ...sides));
        } else if (outcome.outputs.length > 0) {
          details.append(this.#output(outcome, 'Output'));
        }
      }
    });
  }

  /**
   * @param {import('../../lab-plugin/src/protocol').Outcome} outcome
   * @param {string} label
   */
  #output({ outputs }, label) {
    const { node } = new OutputView(this.#page.classic, this.#page.markup, outputs);
    const attributes = { class: 'ai-notebook-scroll', role: 'region', 'aria-label': label, tabindex: '0' };
    return element('div', attributes, ...(label === 'Output' ? [] : [element('h6', {}, label)]), node);
  }

  #diffs() {
    const { diff, edits } = this.#candidate;
    return diff
      .split(FILE)
      .slice(1)
      .flatMap((text, index) => {
        const id = cellId(edits[index]?.uri ?? '');
        const name = cellName(this.#page.notebook.number(id));
        const lines = text.trimEnd().split('\n').map(diffLine);
        const attributes = {
          class: 'ai-notebook-diff',
          tabindex: '0',
          role: 'region',
          'aria-label': `Changes to ${name}`
        };
        const pre = element('pre', attributes, ...lines);
        const isElsewhere = id !== this.#task.cellId || edits.length > 1;
        return isElsewhere ? [element('p', { class: 'ai-notebook-muted' }, this.#page.cellButton(id)), pre] : [pre];
      });
  }

  #offer() {
    const { edits, receipt, runFirst = [] } = this.#candidate;
    // A run has shown that it does not help: nothing to put into the notebook with one click.
    const isRefuted = ['same-error', 'new-error'].includes(receipt.verdict);
    const accent = receipt.verdict === 'verified' ? 'btn-primary' : 'btn-default';
    const apply = () => {
      this.#apply();
    };
    const copyAll = () => {
      copy(edits.map(({ newText }) => newText).join('\n\n'), this.node);
      this.#say('Copied.');
    };
    this.#buttons.replaceChildren(
      ...(edits.length > 0
        ? [
            ...(isRefuted ? [] : [button('Apply', `btn btn-sm ${accent} ai-notebook-apply`, apply)]),
            button('Copy', 'btn btn-sm btn-default ai-notebook-copy', copyAll)
          ]
        : []),
      ...runFirst.map(uri => this.#page.cellButton(cellId(uri), 'Go to '))
    );
  }

  #apply() {
    const { edits } = this.#candidate;
    const refusal = applyEdits(this.#page.notebook, edits, this.#task.asked);
    if (refusal) {
      this.#say(REFUSALS[refusal], 'refused');
      return;
    }
    const undo = button('Undo', 'btn btn-sm btn-default ai-notebook-undo', () => {
      const refused = revertEdits(this.#page.notebook, edits, this.#task.asked);
      this.#offer();
      this.#say(refused ? REFUSALS[refused] : 'Taken back.', refused ? 'refused' : 'said');
      this.#buttons.querySelector('button')?.focus();
    });
    this.#buttons.replaceChildren(undo);
    undo.focus();
    this.#say('Applied. Your own kernel has not run it yet: close this and press Shift+Enter in the cell.', 'applied');
  }

  /**
   * @param {string} sentence
   * @param {'said' | 'applied' | 'refused'} kind
   */
  #say(sentence, kind = 'said') {
    this.#said.textContent = sentence;
    this.#said.dataset['said'] = kind;
    this.#page.announce(sentence);
  }

  #origin() {
    const { origin, confidence } = this.#candidate;
    const [kind, name] = origin.split(/:(.*)/s);
    return `${kind === 'builtin' ? 'Built-in rule' : `From the model ${name ?? ''}`}, ${CONFIDENCES[confidence]}`;
  }
}

/** @param {string} line */
function diffLine(line) {
  const mark = /** @type {Record<string, 'ins' | 'del' | undefined>} */ ({ '+': 'ins', '-': 'del' })[line[0] ?? ''];
  return element(mark ?? 'span', { class: line.startsWith('@@') ? 'ai-notebook-hunk' : undefined }, line);
}
