/** One request in the dialog, from the asking to the answer. */
import { CandidateView } from './candidate.js';
import { button, copy, element, folded, withCode } from './dom.js';
import { RunView } from './outcome.js';
import { STATUSES, VERBS, cellName, duration } from './words.js';

/** @typedef {import('./page.js').Page} Page */
/** @typedef {import('./task.js').Task} Task */
/** @typedef {import('../../lab-plugin/src/protocol').Explanation} Explanation */
/** @typedef {import('../../lab-plugin/src/protocol').Proposals} Proposals */
/** @typedef {import('../../lab-plugin/src/protocol').Outcome} Outcome */

/** Rendering is the costly part, and nobody reads faster. */
const INTERVAL = 120;
const BUTTON = 'btn btn-default btn-xs';

export class AnswerView {
  node;
  #actions = element('div', { class: 'ai-notebook-actions' });
  #progress = element('p', { class: 'ai-notebook-progress' });
  #body = element('div', { class: 'ai-notebook-body' });
  #trouble = element('div', { class: 'ai-notebook-trouble' });
  /** @type {HTMLElement | null} */
  #markdown = null;
  /** @type {RunView | null} */
  #run = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #isConcluded = false;
  #page;
  #task;

  /**
   * @param {Page} page
   * @param {Task} task
   */
  constructor(page, task) {
    this.#page = page;
    this.#task = task;
    const name = cellName(page.notebook.number(task.cellId));
    const label = `${VERBS[task.verb]}, ${name}`;
    const source = page.notebook.cell(task.cellId)?.get_text().trim().split('\n', 1)[0] ?? '';
    this.node = element(
      'article',
      { class: 'ai-notebook-answer', 'data-verb': task.verb, 'aria-label': label, tabindex: '-1' },
      element(
        'header',
        {},
        element('h4', {}, VERBS[task.verb]),
        page.cellButton(task.cellId),
        element('code', { title: source }, source),
        this.#actions
      ),
      this.#progress,
      this.#body,
      this.#trouble
    );
    if (task.verb === 'run') {
      this.#run = new RunView(page, task);
      this.#body.append(this.#run.node);
    }
    task.addEventListener('changed', () => {
      this.#refresh();
    });
    this.#refresh();
  }

  #refresh() {
    const { phase, progress, answer, trouble, text } = this.#task;
    if (this.node.dataset['phase'] !== phase) {
      this.node.dataset['phase'] = phase;
      this.#refreshActions();
    }
    this.#progress.textContent = progress || 'Working…';
    this.#progress.hidden = phase !== 'running';
    if (answer && !this.#isConcluded) {
      this.#isConcluded = true;
      this.#conclude(answer);
    } else if (text && !answer) {
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        this.#showMarkdown(this.#task.text);
      }, INTERVAL);
    }
    if (trouble && trouble.message !== this.#trouble.firstChild?.textContent) {
      const hint = trouble.hint ? [element('p', { class: 'ai-notebook-muted' }, trouble.hint)] : [];
      this.#trouble.replaceChildren(element('p', {}, trouble.message), ...hint);
      this.#page.announce(`${VERBS[this.#task.verb]}: ${trouble.message} ${trouble.hint}`);
    }
  }

  #refreshActions() {
    const { verb, cellId, mode, phase, answer } = this.#task;
    const hadFocus = this.#actions.contains(document.activeElement);
    const stop = () => {
      this.#page.stop(this.#task);
    };
    const again = () => {
      this.#page.performInstead(this.node, verb, cellId, mode);
    };
    const copyText = () => {
      copy(this.#copyText(), this.node);
      this.#page.announce('Copied.');
    };
    if (phase === 'running') {
      this.#actions.replaceChildren(button('Stop', `${BUTTON} ai-notebook-stop`, stop));
    } else {
      this.#actions.replaceChildren(
        ...(answer && verb !== 'fix' ? [button('Copy', `${BUTTON} ai-notebook-copy`, copyText)] : []),
        button(phase === 'lost' ? 'Retry' : 'Ask again', `${BUTTON} ai-notebook-again`, again)
      );
    }
    if (hadFocus) {
      this.node.focus();
    }
  }

  /** @param {Explanation | Proposals | Outcome} answer */
  #conclude(answer) {
    clearTimeout(this.#timer);
    if ('markdown' in answer) {
      this.#showMarkdown(answer.markdown);
      this.#page.markup.typeset(this.#body);
      this.#body.append(element('p', { class: 'ai-notebook-muted' }, source(answer)));
      this.#offerSent(answer.sent);
      this.#page.announce('The explanation is ready.');
    } else if ('candidates' in answer) {
      this.#propose(answer);
      this.#offerSent(answer.sent);
    } else {
      this.#run?.conclude(answer);
      this.#page.announce(`${VERBS.run}: ${STATUSES[answer.status]}`);
    }
  }

  /** @param {Proposals} proposals */
  #propose({ failure, candidates, note }) {
    const view = (/** @type {import('./candidate.js').Candidate} */ candidate) =>
      new CandidateView(this.#page, this.#task, candidate).node;
    const [best, ...others] = candidates;
    if (failure) {
      const message = `${failure.ename}: ${failure.evalue.trim()}`;
      this.#body.append(element('p', { class: 'ai-notebook-failure', title: message }, message));
    }
    if (best) {
      this.#body.append(view(best));
    }
    if (note !== undefined || !best) {
      const text = note ?? 'Nothing was found for this cell.';
      this.#body.append(element('p', { class: 'ai-notebook-note' }, ...withCode(text)));
    }
    if (others.length > 0) {
      const summary = others.length === 1 ? '1 other candidate' : `${others.length} other candidates`;
      const fold = folded([summary], 'ai-notebook-details', details => {
        details.append(...others.map(view));
      });
      this.#body.append(fold);
    }
    this.#page.announce(best ? `${best.title}. ${best.receipt.reason}` : (note ?? 'Nothing was found.'));
  }

  /** @param {number} [sent] how many requests really went to a model */
  #offerSent(sent = 0) {
    if (sent === 0) {
      return;
    }
    const fold = folded(['What was sent'], 'ai-notebook-details ai-notebook-sent', details => {
      void this.#page
        .sent(this.#task)
        .catch(() => ({ requests: [] }))
        .then(({ requests }) => {
          details.append(...(requests.length > 0 ? requests.flatMap(requestParts) : ['It is not kept any more.']));
        });
    });
    this.#body.append(fold);
  }

  /** @param {string} text */
  #showMarkdown(text) {
    this.#markdown ??= this.#body.appendChild(element('div', { class: 'ai-notebook-markdown rendered_html' }));
    this.#page.markup.show(this.#markdown, text);
  }

  #copyText() {
    const { answer } = this.#task;
    return answer && 'markdown' in answer ? answer.markdown : (this.#body.querySelector('.output')?.textContent ?? '');
  }
}

/**
 * @param {import('../../lab-plugin/src/protocol').SentRequest} request
 * @param {number} index
 * @param {unknown[]} all
 */
function requestParts({ destination, tokens, body }, index, all) {
  const where = destination ?? 'a model on this machine';
  const head = `Request ${index + 1} of ${all.length}, sent to ${where}: about ${tokens} tokens.`;
  return [
    element('p', {}, head),
    element('pre', { class: 'ai-notebook-scroll', tabindex: '0', role: 'region', 'aria-label': head }, body)
  ];
}

/**
 * Who says so, and what it took.
 * @param {Explanation} explanation
 */
function source({ provider, cached, usage }) {
  if (usage) {
    const { model, promptTokens, answerTokens, seconds } = usage;
    const took = `${promptTokens} tokens read, ${answerTokens} written, ${duration(seconds * 1000)}`;
    return cached ? `From ${model}, as before` : `From ${model}: ${took}`;
  }
  return provider === 'builtin' ? 'From the code itself, no model' : `From ${provider}`;
}
