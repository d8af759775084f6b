/** The page's LSP session: connects, initializes, stays connected, and says how it is. */
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import { PromiseDelegate } from '@lumino/coreutils';
import { Signal } from '@lumino/signaling';
import { PROTOCOL_VERSION, type CommandName, type Commands } from './protocol';
import { Connection, ConnectionLost, type Handler } from './rpc';

/** `off` while no notebook is open; `reconnecting` once a connection was lost or could not be made. */
export type Link = 'off' | 'connecting' | 'ready' | 'reconnecting';

const PATH = 'ai-notebook-ls/';
/** A cold start of the server's process, behind a proxy that waits 30 s for it. */
export const INITIALIZE_TIMEOUT = 40_000;
/** Reverse proxies commonly close a WebSocket that is silent for 60 s. */
export const SILENCE = 25_000;
export const ANSWER_TIMEOUT = 10_000;
/** After a crash the first attempts close at once; the server is back within about a second. */
const BACKOFF = { first: 250, factor: 1.5, most: 30_000 };
/** A connection that lived this long was sound: the next back-off begins from the start. */
const SOUND = 10_000;

export class Session {
  /** Emitted when the link changes. */
  readonly linkChanged = new Signal<this, Link>(this);
  /** Emitted after each `initialize`: the server knows nothing yet, so everything that is open must be sent. */
  readonly initialized = new Signal<this, void>(this);

  constructor(
    private readonly settings: ServerConnection.ISettings,
    private readonly rootUri: string,
    private readonly clientVersion: string
  ) {
    this.on('workspace/configuration', params => (params as { items: unknown[] }).items.map(() => null));
    this.on('client/registerCapability', () => null);
    this.on('window/workDoneProgress/create', () => null);
  }

  get link(): Link {
    return this._link;
  }

  /** Handle a notification or a request of the server. */
  on(method: string, handler: Handler): void {
    this.handlers.set(method, handler);
  }

  /** Connect, and stay connected until `stop`; no-op while it does. */
  start(): void {
    if (this._link !== 'off') {
      return;
    }
    this.setLink('connecting');
    window.addEventListener('online', this.hurry);
    document.addEventListener('visibilitychange', this.hurry);
    void this.stayConnected((this.life = new AbortController()).signal);
  }

  /** Disconnect. What is asked from now on waits for the next `start`. */
  stop(): void {
    this.life.abort();
    window.removeEventListener('online', this.hurry);
    document.removeEventListener('visibilitychange', this.hurry);
    this.leave('off');
  }

  /** Wait for the link to be ready. Rejects with the signal's reason when it is aborted. */
  async ready(signal?: AbortSignal): Promise<void> {
    await Promise.race([this.connected.promise, aborted(signal)]);
  }

  /** Send a request. Rejects with ResponseError or ConnectionLost. */
  async request(method: string, params: unknown, signal?: AbortSignal): Promise<unknown> {
    const connection = await Promise.race([this.connected.promise, aborted(signal)]);
    return connection.request(method, params, signal);
  }

  async execute<N extends CommandName>(
    command: N,
    argument: Commands[N]['argument'],
    signal?: AbortSignal
  ): Promise<Commands[N]['result']> {
    return (await this.request(
      'workspace/executeCommand',
      { command, arguments: [argument] },
      signal
    )) as Commands[N]['result'];
  }

  /** Send a notification; dropped while there is no link, since `initialized` follows. */
  notify(method: string, params: unknown): void {
    this.connection?.notify(method, params);
  }

  private async stayConnected(life: AbortSignal): Promise<void> {
    const isOver = () => life.aborted;
    let pause = 0;
    while (!isOver()) {
      const began = Date.now();
      await this.logIn();
      if (isOver()) {
        return;
      }
      const connection = this.connect();
      const end = () => {
        connection.close();
      };
      life.addEventListener('abort', end);
      try {
        await this.initialize(connection, life);
        await connection.closed;
      } catch {
        connection.close(); // the reason is in the browser's console already; the next attempt follows
      }
      life.removeEventListener('abort', end);
      if (!isOver()) {
        this.leave('reconnecting');
        pause = nextPause(pause, Date.now() - began);
        await this.wait(pause * (0.75 + Math.random() / 2), life);
      }
    }
  }

  /** There is no connection any more. */
  private leave(link: Link): void {
    this.connection = null;
    if (this._link === 'ready') {
      this.connected = new PromiseDelegate();
    }
    this.setLink(link);
  }

  private connect(): Connection {
    const url = URLExt.join(this.settings.wsUrl, PATH);
    return new Connection(new this.settings.WebSocket(url), method => this.handlers.get(method));
  }

  /**
   * Get the login cookie, where the page has only a token: Jupyter sets it for a request with the token in a header.
   *
   * A browser's WebSocket sends no headers, and a token in its URL ends in the logs of every proxy on the way.
   */
  private async logIn(): Promise<void> {
    const { settings } = this;
    if (settings.appendToken && settings.token) {
      const url = URLExt.join(settings.baseUrl, PATH, 'health');
      // If it fails, so does the handshake, and all is tried again.
      await ServerConnection.makeRequest(url, { credentials: 'include' }, settings).catch(() => undefined);
    }
  }

  private async initialize(connection: Connection, life: AbortSignal): Promise<void> {
    await within(INITIALIZE_TIMEOUT, connection.opened); // a browser itself waits for minutes
    await within(INITIALIZE_TIMEOUT, connection.request('initialize', this.initializeParams()));
    life.throwIfAborted(); // stopped while the answer was on its way to here
    connection.notify('initialized', {});
    this.connection = connection;
    this.initialized.emit();
    this.setLink('ready');
    this.connected.resolve(connection);
    void this.listen(connection, life);
  }

  /** Find out that the network is gone, after a sleep say: any answer, even an error, proves that it is not. */
  private async listen(connection: Connection, life: AbortSignal): Promise<void> {
    try {
      while (this.connection === connection) {
        await this.wait(SILENCE, life);
        if (this.connection === connection && Date.now() - connection.lastHeard > SILENCE - 1000) {
          await within(
            ANSWER_TIMEOUT,
            connection.request('aiNotebook/ping', {}).catch(() => null)
          );
        }
      }
    } catch {
      connection.close();
    }
  }

  private initializeParams(): object {
    return {
      processId: null,
      clientInfo: { name: 'ai-notebook-ls-lab', version: this.clientVersion },
      rootUri: this.rootUri || null,
      workspaceFolders: null,
      capabilities: {
        general: { positionEncodings: ['utf-16'] },
        window: { workDoneProgress: true },
        textDocument: {
          hover: { contentFormat: ['markdown', 'plaintext'] },
          codeAction: {
            codeActionLiteralSupport: { codeActionKind: { valueSet: ['quickfix', 'refactor', 'source'] } }
          }
        },
        notebookDocument: { synchronization: { dynamicRegistration: false, executionSummarySupport: false } },
        experimental: { aiNotebook: { version: PROTOCOL_VERSION } }
      }
    };
  }

  private setLink(link: Link): void {
    if (link !== this._link) {
      this._link = link;
      this.linkChanged.emit(link);
    }
  }

  /** Wait, but no longer than until the network or the page comes back, or all ends. */
  private async wait(milliseconds: number, life: AbortSignal): Promise<void> {
    await new Promise<void>(resolve => {
      const wake = () => {
        clearTimeout(timer);
        this.wakers.delete(wake);
        life.removeEventListener('abort', wake);
        resolve();
      };
      const timer = setTimeout(wake, milliseconds);
      this.wakers.add(wake);
      life.addEventListener('abort', wake);
    });
  }

  private readonly hurry = () => {
    if (document.visibilityState === 'visible') {
      this.wakers.forEach(wake => {
        wake();
      });
    }
  };

  private _link: Link = 'off';
  /** Of what `start` began. */
  private life = new AbortController();
  private connection: Connection | null = null;
  private connected = new PromiseDelegate<Connection>();
  private readonly handlers = new Map<string, Handler>();
  private readonly wakers = new Set<() => void>();
}

/** Return how long to wait, after the last pause and a connection that lived for a time. */
export function nextPause(last: number, lived: number): number {
  return last === 0 || lived > SOUND ? BACKOFF.first : Math.min(last * BACKOFF.factor, BACKOFF.most);
}

/** Reject when the signal is aborted; never resolve. */
async function aborted(signal?: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal?.throwIfAborted();
    signal?.addEventListener('abort', () => {
      reject(signal.reason as Error);
    });
  });
}

async function within<T>(milliseconds: number, promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new ConnectionLost());
    }, milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
