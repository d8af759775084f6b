/** The page's LSP session: connects, initializes, stays connected, and says how it is. */
import { Connection } from './rpc.js';

/** @typedef {import('./rpc.js').Handler} Handler */
/** @typedef {import('../../lab-plugin/src/protocol').CommandName} CommandName */
/** @typedef {import('../../lab-plugin/src/protocol').Commands} Commands */
/** @typedef {'connecting' | 'ready' | 'reconnecting'} Link */

const VERSION = '0.1.0';
const PROTOCOL_VERSION = 1;
/** A cold start of the server's process, behind a proxy that waits 30 s for it. */
const INITIALIZE_TIMEOUT = 40_000;
/** Reverse proxies commonly close a WebSocket that is silent for 60 s. */
const SILENCE = 25_000;
const ANSWER_TIMEOUT = 10_000;
/** After a crash the first attempts close at once; the server is back within about a second. */
const BACKOFF = { first: 250, factor: 1.5, most: 30_000 };
/** A connection that lived this long was sound: the next back-off begins from the start. */
const SOUND = 10_000;

/** Emits `link` when the link changes, and `initialized` when the server is new and must be sent all that is open. */
export class Session extends EventTarget {
  /** @type {Link} */
  link = 'connecting';
  /** The `file:` URI of the folder that the Jupyter server serves; the page does not tell it, the sidecar does. */
  rootUri = '';

  /** @type {Map<string, Handler>} */
  #handlers = new Map();
  /** @type {Connection | null} */
  #connection = null;
  /** @type {Set<() => void>} */
  #wakers = new Set();
  #url;

  /** @param {string} url */
  constructor(url) {
    super();
    this.#url = url;
    this.on('workspace/configuration', ({ items }) => items.map(() => null));
    this.on('client/registerCapability', () => null);
    this.on('window/workDoneProgress/create', () => null);
  }

  /**
   * Handle a notification or a request of the server.
   * @param {string} method
   * @param {Handler} handler
   */
  on(method, handler) {
    this.#handlers.set(method, handler);
  }

  /** Connect, and stay connected until the page goes away. */
  async start() {
    window.addEventListener('online', this.#hurry);
    document.addEventListener('visibilitychange', this.#hurry);
    let pause = BACKOFF.first;
    for (;;) {
      const began = Date.now();
      const connection = new Connection(this.#url, method => this.#handlers.get(method));
      try {
        await this.#initialize(connection);
        await connection.closed;
      } catch {
        connection.close(); // the reason is in the browser's console already; the next attempt follows
      }
      this.#connection = null;
      this.#setLink('reconnecting');
      pause = Date.now() - began > SOUND ? BACKOFF.first : Math.min(pause * BACKOFF.factor, BACKOFF.most);
      await this.#wait(pause * (0.75 + Math.random() / 2));
    }
  }

  /**
   * Wait for the link to be ready. Rejects with the signal's reason when it is aborted.
   * @param {AbortSignal} signal
   */
  async ready(signal) {
    while (this.link !== 'ready') {
      await Promise.race([happened(this, 'link'), aborted(signal)]);
    }
  }

  /**
   * Send a command. Rejects with ResponseError or ConnectionLost.
   * @template {CommandName} N
   * @param {N} command
   * @param {Commands[N]['argument']} argument
   * @param {AbortSignal} [signal]
   * @returns {Promise<Commands[N]['result']>}
   */
  async execute(command, argument, signal) {
    const params = { command, arguments: [argument] };
    if (!this.#connection) {
      await happened(this, 'initialized');
    }
    return this.#connection?.request('workspace/executeCommand', params, signal);
  }

  /**
   * Send a notification; dropped while there is no link, since `initialized` follows.
   * @param {string} method
   * @param {unknown} params
   */
  notify(method, params) {
    this.#connection?.notify(method, params);
  }

  /** @param {Connection} connection */
  async #initialize(connection) {
    await connection.opened;
    const { capabilities } = await within(INITIALIZE_TIMEOUT, connection.request('initialize', INITIALIZE));
    connection.notify('initialized', {});
    /** @type {import('../../lab-plugin/src/protocol').Abilities | undefined} */
    const abilities = capabilities.experimental?.aiNotebook;
    this.rootUri = abilities?.rootUri ?? '';
    this.#connection = connection;
    this.dispatchEvent(new Event('initialized'));
    this.#setLink('ready');
    void this.#listen(connection);
  }

  /**
   * Find out that the network is gone, after a sleep say: any answer, even an error, proves that it is not.
   * @param {Connection} connection
   */
  async #listen(connection) {
    try {
      while (this.#connection === connection) {
        await this.#wait(SILENCE);
        if (this.#connection === connection && Date.now() - connection.lastHeard > SILENCE - 1000) {
          const answer = connection.request('aiNotebook/ping', {}).catch(() => null);
          await within(ANSWER_TIMEOUT, answer);
        }
      }
    } catch {
      connection.close();
    }
  }

  /** @param {Link} link */
  #setLink(link) {
    if (link !== this.link) {
      this.link = link;
      this.dispatchEvent(new Event('link'));
    }
  }

  /**
   * Wait, but not while the network or the page comes back.
   * @param {number} milliseconds
   */
  async #wait(milliseconds) {
    await /** @type {Promise<void>} */ (
      new Promise(resolve => {
        const wake = () => {
          clearTimeout(timer);
          this.#wakers.delete(wake);
          resolve();
        };
        const timer = setTimeout(wake, milliseconds);
        this.#wakers.add(wake);
      })
    );
  }

  #hurry = () => {
    if (document.visibilityState === 'visible') {
      this.#wakers.forEach(wake => {
        wake();
      });
    }
  };
}

const INITIALIZE = {
  processId: null,
  clientInfo: { name: 'ai-notebook-ls-classic', version: VERSION },
  rootUri: null,
  workspaceFolders: null,
  capabilities: {
    general: { positionEncodings: ['utf-16'] },
    window: { workDoneProgress: true },
    notebookDocument: { synchronization: { dynamicRegistration: false, executionSummarySupport: false } },
    experimental: { aiNotebook: { version: PROTOCOL_VERSION } }
  }
};

/**
 * @param {EventTarget} target
 * @param {string} event
 * @returns {Promise<void>}
 */
async function happened(target, event) {
  return new Promise(resolve => {
    target.addEventListener(
      event,
      () => {
        resolve();
      },
      { once: true }
    );
  });
}

/**
 * Reject when the signal is aborted; never resolve.
 * @param {AbortSignal} signal
 * @returns {Promise<never>}
 */
async function aborted(signal) {
  return new Promise((_, reject) => {
    signal.throwIfAborted();
    signal.addEventListener('abort', () => {
      /** @type {Error} */
      const reason = signal.reason;
      reject(reason);
    });
  });
}

/**
 * @template T
 * @param {number} milliseconds
 * @param {Promise<T>} promise
 */
async function within(milliseconds, promise) {
  return Promise.race([promise, aborted(AbortSignal.timeout(milliseconds))]);
}
