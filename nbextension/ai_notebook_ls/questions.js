/** What the server asks, and the user's answers to it. */
import { button, element } from './dom.js';

/** @typedef {{title: string}} Action */

export class Questions {
  node = element('div', { class: 'ai-notebook-questions' });
  /** @type {Set<() => void>} */
  #dismissals = new Set();

  /**
   * Resolves with the chosen answer, or null if it was dismissed.
   * @param {string} message reasons are a line each; after a blank line comes a text as it is
   * @param {Action[]} actions
   * @param {AbortSignal} signal takes the question away when nobody waits for its answer any more
   * @param {() => void} settled what to do when the question has gone
   * @returns {Promise<Action | null>}
   */
  async ask(message, actions, signal, settled) {
    const [head = '', ...text] = message.split('\n\n');
    const [first = '', ...reasons] = head.split('\n');
    return new Promise(resolve => {
      const finish = (/** @type {Action | null} */ action) => {
        this.#dismissals.delete(dismiss);
        signal.removeEventListener('abort', dismiss);
        node.remove();
        resolve(action);
        settled();
      };
      const dismiss = () => {
        finish(null);
      };
      const node = element(
        'section',
        { class: 'ai-notebook-question', 'aria-label': 'The sidecar asks', tabindex: '-1' },
        element('p', {}, first),
        ...(reasons.length > 0 ? [element('ul', {}, ...reasons.map(reason => element('li', {}, reason)))] : []),
        ...(text.length > 0
          ? [element('pre', { tabindex: '0', 'aria-label': 'What is sent' }, text.join('\n\n'))]
          : []),
        element(
          'div',
          { class: 'ai-notebook-buttons' },
          // The first is the cautious one, or what was asked for: the only one that stands out.
          ...actions.map((action, index) =>
            button(action.title, `btn btn-sm ${index === 0 ? 'btn-primary' : 'btn-default'}`, () => {
              finish(action);
            })
          )
        )
      );
      this.#dismissals.add(dismiss);
      signal.addEventListener('abort', dismiss);
      this.node.append(node);
    });
  }

  /** Take the first question away unanswered; false if there is none. */
  dismiss() {
    const [first] = this.#dismissals;
    first?.();
    return first !== undefined;
  }
}
