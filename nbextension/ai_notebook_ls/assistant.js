/** Asks the sidecar for what the user wants, and routes what comes back to the task that it belongs to. */
import { ConnectionLost, ResponseError } from './rpc.js';
import { Task } from './task.js';

/** @typedef {import('./session.js').Session} Session */
/** @typedef {import('./sync.js').SyncedNotebook} SyncedNotebook */
/** @typedef {import('./failures.js').Failures} Failures */
/** @typedef {import('./task.js').Verb} Verb */
/** @typedef {import('../../lab-plugin/src/protocol').RunMode} RunMode */

const REQUEST_CANCELLED = -32800;

/** Emits `changed` when a task begins or ends. */
export class Assistant extends EventTarget {
  /** @type {Map<string | number, Task>} */
  #running = new Map();
  /** @type {Set<Task>} */
  #lost = new Set();
  #session;
  #notebook;
  #failures;

  /**
   * @param {Session} session
   * @param {SyncedNotebook} notebook
   * @param {Failures} failures
   */
  constructor(session, notebook, failures) {
    super();
    this.#session = session;
    this.#notebook = notebook;
    this.#failures = failures;
    session.addEventListener('link', () => {
      if (session.link === 'ready') {
        this.#comfort();
      }
    });
    session.on('$/progress', ({ token, value }) => {
      this.#running.get(token)?.update({ progress: value.message ?? value.title ?? '' });
    });
    session.on('aiNotebook/delta', ({ token, text }) => {
      const task = this.#running.get(token);
      task?.update({ text: `${task.text}${text}` });
    });
    session.on('aiNotebook/output', params => {
      this.#running.get(params.token)?.output(params);
    });
  }

  get running() {
    return [...this.#running.values()];
  }

  /**
   * @param {Verb} verb
   * @param {string} cellId
   * @param {RunMode} [mode]
   */
  start(verb, cellId, mode) {
    const task = new Task(verb, cellId, mode);
    this.#running.set(task.token, task);
    this.dispatchEvent(new Event('changed'));
    void this.#perform(task).finally(() => {
      this.#running.delete(task.token);
      this.dispatchEvent(new Event('changed'));
    });
    return task;
  }

  /**
   * Ask the server to stop; the task ends when it has.
   * @param {Task} task
   */
  stop(task) {
    task.update({ progress: 'Stopping…' });
    task.abort.abort();
  }

  /** @param {Task} task */
  async #perform(task) {
    try {
      if (this.#session.link !== 'ready') {
        task.update({ progress: 'Connecting to the sidecar…' });
      }
      await this.#session.ready(task.abort.signal);
      this.#notebook.flush();
      task.asked = this.#notebook.snapshot();
      task.update({ answer: await this.#ask(task), phase: 'done', progress: '' });
    } catch (error) {
      task.update({ ...this.#ending(task, error), progress: '' });
    }
  }

  /** @param {Task} task */
  async #ask({ verb, cellId, mode, token, abort }) {
    const place = { uri: this.#notebook.cellUri(cellId), version: this.#notebook.version(cellId), token };
    if (verb === 'run') {
      return this.#session.execute('aiNotebook.run', { ...place, mode }, abort.signal);
    }
    const failure = this.#failures.of(this.#notebook.cell(cellId));
    return this.#session.execute(`aiNotebook.${verb}`, { ...place, failure }, abort.signal);
  }

  /**
   * @param {Task} task
   * @param {unknown} error
   * @returns {Pick<Task, 'phase' | 'trouble'>}
   */
  #ending(task, error) {
    if (error instanceof ConnectionLost) {
      this.#lost.add(task);
      const hint = 'Your notebook and your kernel are untouched.';
      return { phase: 'lost', trouble: { message: 'The sidecar server went away; reconnecting…', hint } };
    }
    if (task.abort.signal.aborted || (error instanceof ResponseError && error.code === REQUEST_CANCELLED)) {
      return { phase: 'stopped', trouble: { message: 'Stopped.', hint: '' } };
    }
    if (error instanceof ResponseError) {
      const { hint = '' } = /** @type {{hint?: string}} */ (error.data ?? {});
      return { phase: 'failed', trouble: { message: error.message, hint } };
    }
    console.error(error);
    return { phase: 'failed', trouble: { message: 'Something went wrong in this page.', hint: String(error) } };
  }

  /** The server is back: say so where it was missed. */
  #comfort() {
    for (const task of this.#lost) {
      const message = 'The sidecar server went away before it answered. It is back now.';
      task.update({ trouble: { message, hint: task.trouble?.hint ?? '' } });
    }
    this.#lost.clear();
  }
}
