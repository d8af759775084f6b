/**
 * The one dialog: questions, then answers.
 *
 * The browser's own `<dialog>`, whose focus cannot get out, and not classic's bootstrap one; inside it looks as classic's
 * (`modal-content` and so on), so that a user's own theme applies.
 */
import { button, element } from './dom.js';

/** @typedef {import('../classic').ClassicNotebook} ClassicNotebook */

const EMPTY = 'Nothing was asked yet. Select a cell, then choose Explain, Fix or Run in sidecar.';

export class Dialog {
  #answers = element('div', { class: 'ai-notebook-answers' });
  #about = element('p', { class: 'ai-notebook-about' });
  #live = element('div', { class: 'ai-notebook-unseen', role: 'status' });
  #wasEditing = false;
  #node;
  #notebook;
  #dismiss;

  /**
   * @param {ClassicNotebook} notebook
   * @param {HTMLElement} questions
   * @param {() => boolean} dismiss takes a question away, if there is one
   */
  constructor(notebook, questions, dismiss) {
    this.#notebook = notebook;
    this.#dismiss = dismiss;
    const close = () => {
      this.close();
    };
    const cross = button('×', 'close', close);
    cross.setAttribute('aria-label', 'Close');
    const content = element(
      'div',
      { class: 'modal-content' },
      element(
        'div',
        { class: 'modal-header' },
        cross,
        element('h3', { class: 'modal-title', id: 'ai-notebook-title' }, 'AI Notebook')
      ),
      element('div', { class: 'modal-body' }, questions, this.#answers),
      element('div', { class: 'modal-footer' }, this.#about, button('Close', 'btn btn-default btn-sm', close))
    );
    this.#answers.append(element('p', { class: 'ai-notebook-muted' }, EMPTY));
    this.#node = element(
      'dialog',
      { class: 'ai-notebook-dialog', 'aria-labelledby': 'ai-notebook-title' },
      content,
      this.#live
    );
    this.#node.addEventListener('keydown', event => {
      this.#onKey(event);
    });
    document.body.append(this.#node);
  }

  get isOpen() {
    return this.#node.open;
  }

  /** Open it, and go to what is asked or to the newest answer. */
  open() {
    if (!this.isOpen) {
      this.#wasEditing = this.#notebook.mode === 'edit';
      // Should nothing in the dialog have the focus, keys must not reach the notebook: `d d` deletes a cell.
      this.#notebook.keyboard_manager.disable();
      this.#node.showModal();
    }
    this.focusFirst();
  }

  /** Close, and go back to the cell, as it was. */
  close() {
    this.#node.close();
    this.#notebook.keyboard_manager.enable();
    if (this.#wasEditing) {
      this.#notebook.edit_mode();
    } else {
      const [first] = this.#notebook.get_selected_cells();
      first?.element[0]?.focus(); // focus_cell() would end a selection of several cells
    }
  }

  /** Go to what is asked, or to the newest answer. */
  focusFirst() {
    /** @type {HTMLElement | null} */
    const first = this.#node.querySelector('.ai-notebook-question, .ai-notebook-answer');
    first?.focus(); // else the browser has focused the first button
  }

  /**
   * Show answers, above those of before that still run.
   * @param {Element[]} answers
   */
  show(answers) {
    const running = this.#answers.querySelectorAll('[data-phase="running"]');
    this.#answers.replaceChildren(...answers, ...running);
  }

  /** @param {string[]} sentences */
  tell(sentences) {
    this.#about.textContent = sentences.join(' ');
  }

  /**
   * Tell people who do not see it.
   * @param {string} sentence
   */
  announce(sentence) {
    this.#live.textContent = sentence;
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    event.stopPropagation(); // classic's shortcuts listen at the document; it takes Escape even while they are off
    if (event.key === 'Escape') {
      event.preventDefault();
      if (!this.#dismiss()) {
        this.close();
      }
    }
  }
}
