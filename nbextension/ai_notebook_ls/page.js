/** What the parts of the dialog share, and how they begin and end what the user wants. */
import { AnswerView } from './answer.js';
import { Dialog } from './dialog.js';
import { button } from './dom.js';
import { Questions } from './questions.js';
import { about, cellName } from './words.js';

/** @typedef {import('../classic').Classic} Classic */
/** @typedef {import('./assistant.js').Assistant} Assistant */
/** @typedef {import('./markup.js').Markup} Markup */
/** @typedef {import('./session.js').Session} Session */
/** @typedef {import('./status.js').Status} Status */
/** @typedef {import('./sync.js').SyncedNotebook} SyncedNotebook */
/** @typedef {import('./task.js').Task} Task */
/** @typedef {import('./task.js').Verb} Verb */
/** @typedef {import('../../lab-plugin/src/protocol').RunMode} RunMode */

const NOTIFIED = 6000;

export class Page {
  #questions = new Questions();
  #session;
  #dialog;
  #assistant;
  #status;

  /**
   * @param {Classic} classic
   * @param {Session} session
   * @param {SyncedNotebook} notebook
   * @param {Assistant} assistant
   * @param {Markup} markup
   * @param {Status} status
   */
  constructor(classic, session, notebook, assistant, markup, status) {
    this.classic = classic;
    this.notebook = notebook;
    this.markup = markup;
    this.#session = session;
    this.#assistant = assistant;
    this.#status = status;
    this.#dialog = new Dialog(classic.notebook, this.#questions.node, () => this.#questions.dismiss());
    session.on('window/showMessageRequest', ({ message, actions }, signal) =>
      this.#ask(message, actions ?? [], signal)
    );
    session.on('window/showMessage', ({ message }) => {
      this.#notify(message);
    });
    assistant.addEventListener('changed', () => {
      if (assistant.running.length === 0) {
        status.hasNews = !this.#dialog.isOpen;
      }
    });
    status.addEventListener('changed', () => {
      this.#dialog.tell(status.state ? about(status.state) : [status.told]);
    });
  }

  /** Show the questions and answers. */
  open() {
    this.#status.hasNews = false;
    this.#dialog.open();
  }

  /**
   * Ask for something about each of the selected code cells.
   * @param {Verb} verb
   * @param {RunMode} [mode]
   */
  performSelected(verb, mode) {
    const cells = this.classic.notebook.get_selected_cells().filter(({ cell_type }) => cell_type === 'code');
    if (cells.length === 0) {
      this.#notify('Select a code cell first.');
      return;
    }
    this.#dialog.show(cells.map(({ id }) => this.#begin(verb, id, mode)));
    this.open();
  }

  /**
   * Ask again, or for something else about the same cell: in the place of the answer before.
   * @param {Element | null} answer
   * @param {Verb} verb
   * @param {string} cellId
   * @param {RunMode} mode
   */
  performInstead(answer, verb, cellId, mode) {
    const node = this.#begin(verb, cellId, mode);
    answer?.replaceWith(node);
    node.focus();
  }

  /**
   * @param {Verb} verb
   * @param {string} cellId
   * @param {RunMode} [mode]
   */
  #begin(verb, cellId, mode) {
    return new AnswerView(this, this.#assistant.start(verb, cellId, mode)).node;
  }

  /**
   * Return what was really sent to a model for an answer.
   * @param {Task} task
   */
  async sent({ token }) {
    return this.#session.execute('aiNotebook.sent', { uri: this.notebook.uri, id: token });
  }

  /** @param {Task} task */
  stop(task) {
    this.#assistant.stop(task);
  }

  stopAll() {
    this.#assistant.running.forEach(task => {
      this.stop(task);
    });
  }

  /** @param {string} sentence */
  announce(sentence) {
    (this.#dialog.isOpen ? this.#dialog : this.#status).announce(sentence);
  }

  /**
   * Tell everybody, for a moment, where classic tells such things.
   * @param {string} sentence
   */
  #notify(sentence) {
    this.classic.notifications.widget('ai_notebook_ls').set_message(sentence, NOTIFIED);
    this.announce(sentence);
  }

  /**
   * Make a button that names a cell and goes to it.
   * @param {string} id
   * @param {string} prefix
   */
  cellButton(id, prefix = '') {
    const prompt = this.notebook.cell(id)?.input_prompt_number;
    const node = button(`${prefix}${cellName(this.notebook.number(id), prompt)}`, 'btn-link ai-notebook-cell', () => {
      const { notebook } = this.classic;
      const index = this.notebook.number(id) - 1;
      if (index >= 0) {
        notebook.select(index);
        this.#dialog.close();
        notebook.focus_cell();
        notebook.scroll_to_cell(index, 0);
      }
    });
    node.title = this.notebook.cell(id)?.get_text().split('\n').slice(0, 3).join('\n') ?? '';
    node.disabled = this.notebook.number(id) === 0;
    return node;
  }

  /**
   * @param {string} message
   * @param {import('./questions.js').Action[]} actions
   * @param {AbortSignal} signal
   */
  async #ask(message, actions, signal) {
    const wasOpen = this.#dialog.isOpen;
    const answer = this.#questions.ask(message, actions, signal, () => {
      this.#dialog.focusFirst();
    });
    this.open();
    if (wasOpen) {
      // Else the question itself has the focus: who types in a cell at this moment must not answer it.
      this.#questions.node.querySelector('button')?.focus();
    }
    this.announce(message.split('\n\n')[0] ?? '');
    return answer;
  }
}
