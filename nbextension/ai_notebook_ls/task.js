/** One thing the user asked for, from the asking to the answer. */

/** @typedef {import('../../lab-plugin/src/protocol').Outcome} Outcome */
/** @typedef {import('../../lab-plugin/src/protocol').Explanation} Explanation */
/** @typedef {import('../../lab-plugin/src/protocol').Proposals} Proposals */
/** @typedef {import('../../lab-plugin/src/protocol').CellOutput} CellOutput */
/** @typedef {import('../../lab-plugin/src/protocol').RunMode} RunMode */
/** @typedef {import('./sync.js').CellSnapshot} CellSnapshot */
/** @typedef {'explain' | 'fix' | 'run'} Verb */
/** @typedef {'running' | 'done' | 'stopped' | 'failed' | 'lost'} Phase `lost`: the connection ended before the answer */
/** @typedef {{message: string, hint: string}} Trouble what happened, and what to do about it */

/** Emits `changed`, and `output` with each CellOutput that comes. */
export class Task extends EventTarget {
  token = crypto.getRandomValues(new Uint32Array(4)).join('-'); // randomUUID is missing on plain http
  abort = new AbortController();
  /** @type {Phase} */
  phase = 'running';
  /** What happens now, in the server's words. */
  progress = '';
  /** What has been streamed so far. */
  text = '';
  /** @type {Outcome | Explanation | Proposals | null} */
  answer = null;
  /** @type {Trouble | null} */
  trouble = null;
  /** The cells as they were when this was asked for. @type {ReadonlyMap<string, CellSnapshot>} */
  asked = new Map();

  /**
   * @param {Verb} verb
   * @param {string} cellId
   * @param {RunMode} mode
   */
  constructor(verb, cellId, mode = 'needed') {
    super();
    this.verb = verb;
    this.cellId = cellId;
    this.mode = mode;
  }

  /** @param {Partial<Pick<Task, 'phase' | 'progress' | 'text' | 'answer' | 'trouble'>>} change */
  update(change) {
    Object.assign(this, change);
    this.dispatchEvent(new Event('changed'));
  }

  /** @param {CellOutput} output */
  output(output) {
    this.dispatchEvent(new CustomEvent('output', { detail: output }));
  }
}
