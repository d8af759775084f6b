/** How the sidecar is, in the toolbar: the page's link to it, and the kernel of this notebook. */
import { button, element } from './dom.js';
import { KERNELS, LINKS, about, isChosen } from './words.js';

/** @typedef {import('./assistant.js').Assistant} Assistant */
/** @typedef {import('./session.js').Session} Session */
/** @typedef {import('./sync.js').SyncedNotebook} SyncedNotebook */
/** @typedef {import('../../lab-plugin/src/protocol').State} State */

/** Emits `changed`. */
export class Status extends EventTarget {
  /** The state of the notebook's kernel; null while it is not known. @type {State | null} */
  state = null;
  #hasNews = false;
  #text = element('span');
  #level = element('span', { class: 'ai-notebook-level' });
  #live = element('span', { class: 'ai-notebook-unseen', role: 'status' });
  #button;
  #session;
  #notebook;
  #assistant;

  /**
   * @param {Session} session
   * @param {SyncedNotebook} notebook
   * @param {Assistant} assistant
   * @param {() => void} open
   */
  constructor(session, notebook, assistant, open) {
    super();
    this.#session = session;
    this.#notebook = notebook;
    this.#assistant = assistant;
    this.#button = button('', 'btn btn-default ai-notebook-status', open);
    this.#button.append(element('span', { class: 'ai-notebook-mark', 'aria-hidden': 'true' }), this.#text, this.#level);
    this.node = element('div', { class: 'btn-group' }, this.#button, this.#live);
    session.on('aiNotebook/state', state => {
      this.#take(state);
    });
    session.addEventListener('link', () => {
      this.state = null;
      void this.#ask();
      this.#refresh();
    });
    assistant.addEventListener('changed', () => {
      this.#refresh();
    });
    this.#refresh();
  }

  /** How it is, in a few words. */
  get told() {
    const { link } = this.#session;
    return link === 'ready' && this.state ? KERNELS[this.state.kernel] : LINKS[link];
  }

  /** Whether something was answered while nobody looked. */
  get hasNews() {
    return this.#hasNews;
  }

  set hasNews(hasNews) {
    this.#hasNews = hasNews;
    this.#refresh();
  }

  /** @param {string} sentence */
  announce(sentence) {
    this.#live.textContent = sentence;
  }

  async #ask() {
    if (this.#session.link === 'ready') {
      const asking = this.#session.execute('aiNotebook.state', { uri: this.#notebook.uri });
      await asking.then(
        state => {
          this.#take(state);
        },
        () => undefined // asked again when the link changes
      );
    }
  }

  /** @param {State} state */
  #take(state) {
    if (state.notebook === this.#notebook.uri) {
      this.state = state;
      this.#refresh();
    }
  }

  #refresh() {
    const { state, told } = this;
    const running = this.#assistant.running.length;
    const level = state && isChosen(state) ? state.level : '';
    this.#button.dataset['state'] = this.#session.link;
    this.#button.dataset['kernel'] = state?.kernel ?? 'none';
    this.#button.toggleAttribute('data-news', this.hasNews);
    this.#text.textContent = this.hasNews ? 'Answer ready' : running > 0 ? `Sidecar working (${running})` : told;
    this.#level.textContent = level;
    this.#level.toggleAttribute('data-weaker', level !== 'sandboxed');
    this.#button.title = state ? about(state).join('\n') : told;
    this.dispatchEvent(new Event('changed'));
  }
}
