/** JSON-RPC 2.0 over one WebSocket, from its opening to its end. */

/** The signal says that a request's answer is not waited for any more. */
/** @typedef {(params: any, signal: AbortSignal) => unknown} Handler */
/** @typedef {{code: number, message: string, data?: unknown}} ErrorObject */
/** @typedef {{id?: number | string, method?: string, params?: unknown, result?: unknown, error?: ErrorObject}} Message */

const METHOD_NOT_FOUND = -32601;
const REQUEST_CANCELLED = -32800;

/** The server's answer was an error. */
export class ResponseError extends Error {
  /** @param {ErrorObject} error */
  constructor({ code, message, data }) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

/** The connection ended before the answer came. */
export class ConnectionLost extends Error {}

export class Connection {
  /** When the last message came; by the wall clock, which goes on while the machine sleeps. */
  lastHeard = Date.now();

  /** @type {Map<number, {resolve: (result: unknown) => void, reject: (error: Error) => void}>} */
  #waiting = new Map();
  /** The server's own requests that are not answered yet. @type {Map<number | string, AbortController>} */
  #answering = new Map();
  #lastId = 0;
  #ended = false;
  #socket;
  #handle;
  #reportClosed = () => {};

  /**
   * @param {string} url
   * @param {(method: string) => Handler | undefined} handle
   */
  constructor(url, handle) {
    const socket = new WebSocket(url);
    this.#socket = socket;
    this.#handle = handle;
    /** @type {Promise<void>} */
    this.closed = new Promise(resolve => {
      this.#reportClosed = resolve;
    });
    /** @type {Promise<void>} */
    this.opened = new Promise((resolve, reject) => {
      socket.addEventListener('open', () => {
        resolve();
      });
      socket.addEventListener('close', () => {
        reject(new ConnectionLost());
        this.#end();
      });
    });
    socket.addEventListener('message', ({ data }) => {
      if (!this.#ended) {
        void this.#receive(JSON.parse(data));
      }
    });
  }

  /**
   * Send a request. Rejects with ResponseError or ConnectionLost; an aborted signal asks the server to cancel.
   * @param {string} method
   * @param {unknown} params
   * @param {AbortSignal} [signal]
   * @returns {Promise<any>}
   */
  async request(method, params, signal) {
    if (this.#ended) {
      throw new ConnectionLost();
    }
    const id = ++this.#lastId;
    const cancel = () => {
      this.notify('$/cancelRequest', { id });
    };
    signal?.addEventListener('abort', cancel);
    try {
      return await new Promise((resolve, reject) => {
        this.#waiting.set(id, { resolve, reject });
        this.#send({ id, method, params });
        if (signal?.aborted) {
          cancel();
        }
      });
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }

  /**
   * @param {string} method
   * @param {unknown} params
   */
  notify(method, params) {
    this.#send({ method, params });
  }

  /** End at once; a socket over a dead network may take minutes to report its own end. */
  close() {
    this.#end();
    this.#socket.close();
  }

  /** @param {Message} message */
  #send(message) {
    if (this.#socket.readyState === WebSocket.OPEN) {
      this.#socket.send(JSON.stringify({ jsonrpc: '2.0', ...message }));
    }
  }

  /** @param {Message} message */
  async #receive(message) {
    this.lastHeard = Date.now();
    const { id, method, params } = message;
    if (method === undefined) {
      this.#settle(message);
      return;
    }
    const handler = this.#handle(method);
    if (method === '$/cancelRequest') {
      this.#answering.get(/** @type {{id: number | string}} */ (params).id)?.abort();
    } else if (id === undefined) {
      handler?.(params, new AbortController().signal);
    } else if (handler) {
      const abort = new AbortController();
      this.#answering.set(id, abort);
      const result = (await handler(params, abort.signal)) ?? null;
      this.#answering.delete(id);
      const withdrawn = { error: { code: REQUEST_CANCELLED, message: 'Withdrawn.' } };
      this.#send({ id, ...(abort.signal.aborted ? withdrawn : { result }) });
    } else {
      this.#send({ id, error: { code: METHOD_NOT_FOUND, message: `Method not found: ${method}` } });
    }
  }

  /** @param {Message} message */
  #settle({ id, result, error }) {
    const waiting = this.#waiting.get(Number(id));
    this.#waiting.delete(Number(id));
    if (error) {
      waiting?.reject(new ResponseError(error));
    } else {
      waiting?.resolve(result);
    }
  }

  #end() {
    this.#ended = true;
    this.#reportClosed();
    for (const { reject } of this.#waiting.values()) {
      reject(new ConnectionLost());
    }
    this.#waiting.clear();
    this.#answering.forEach(abort => {
      abort.abort(); // nobody is left to hear the answer
    });
  }
}
