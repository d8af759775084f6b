/** JSON-RPC 2.0 over one WebSocket, from its opening to its end. */
import { ErrorCode } from './protocol';

/** Handles a message of the server; the signal says that a request's answer is not waited for any more. */
export type Handler = (params: unknown, signal: AbortSignal) => unknown;

type Id = number | string;

interface Message {
  id?: Id | null;
  method?: string;
  params?: unknown;
  result?: unknown;
  error?: { code: number; message: string; data?: unknown };
}

interface Waiting {
  resolve: (result: unknown) => void;
  reject: (error: Error) => void;
}

/** The server's answer was an error. */
export class ResponseError extends Error {
  constructor(
    readonly code: number,
    message: string,
    readonly data: unknown
  ) {
    super(message);
  }
}

/** The connection ended before the answer came. */
export class ConnectionLost extends Error {}

export class Connection {
  /** Resolves when the socket is open; rejects with ConnectionLost if it never opens. */
  readonly opened: Promise<void>;
  /** Resolves when the connection has ended, whoever ended it. */
  readonly closed: Promise<void>;
  /** When the last message came; by the wall clock, which goes on while the machine sleeps. */
  lastHeard = Date.now();

  constructor(
    private readonly socket: WebSocket,
    private readonly handle: (method: string) => Handler | undefined
  ) {
    this.opened = new Promise((resolve, reject) => {
      socket.addEventListener('open', () => {
        resolve();
      });
      socket.addEventListener('close', () => {
        reject(new ConnectionLost());
      });
    });
    this.closed = new Promise(resolve => {
      this.reportClosed = resolve;
    });
    socket.addEventListener('close', () => {
      this.end();
    });
    socket.addEventListener('message', event => {
      if (!this.ended) {
        void this.receive(event.data as string);
      }
    });
  }

  /** Send a request. Rejects with ResponseError or ConnectionLost; an aborted signal asks the server to cancel. */
  async request(method: string, params: unknown, signal?: AbortSignal): Promise<unknown> {
    if (this.ended) {
      throw new ConnectionLost();
    }
    const id = ++this.lastId;
    const cancel = () => {
      this.notify('$/cancelRequest', { id });
    };
    signal?.addEventListener('abort', cancel);
    try {
      return await new Promise((resolve, reject) => {
        this.waiting.set(id, { resolve, reject });
        this.send({ id, method, params });
        if (signal?.aborted) {
          cancel();
        }
      });
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }

  notify(method: string, params: unknown): void {
    this.send({ method, params });
  }

  /** End at once; a socket over a dead network may take minutes to report its own end. */
  close(): void {
    this.end();
    this.socket.close();
  }

  private send(message: Message): void {
    if (this.socket.readyState === WebSocket.OPEN) {
      this.socket.send(JSON.stringify({ jsonrpc: '2.0', ...message }));
    }
  }

  private async receive(text: string): Promise<void> {
    this.lastHeard = Date.now();
    const message = JSON.parse(text) as Message;
    if (message.method === undefined) {
      this.settle(message);
      return;
    }
    const handler = this.handle(message.method);
    if (message.method === '$/cancelRequest') {
      this.answering.get((message.params as { id: Id }).id)?.abort();
    } else if (message.id === undefined || message.id === null) {
      handler?.(message.params, new AbortController().signal);
    } else {
      const abort = new AbortController();
      this.answering.set(message.id, abort);
      const made = await answer(message.method, message.params, abort.signal, handler);
      this.answering.delete(message.id);
      this.send({ id: message.id, ...made });
    }
  }

  private settle({ id, result, error }: Message): void {
    const waiting = this.waiting.get(Number(id));
    this.waiting.delete(Number(id));
    if (error) {
      waiting?.reject(new ResponseError(error.code, error.message, error.data));
    } else {
      waiting?.resolve(result);
    }
  }

  private end(): void {
    this.ended = true;
    this.reportClosed();
    for (const { reject } of this.waiting.values()) {
      reject(new ConnectionLost());
    }
    this.waiting.clear();
    this.answering.forEach(abort => {
      abort.abort(); // nobody is left to hear the answer
    });
  }

  private readonly waiting = new Map<number, Waiting>();
  /** The server's own requests that are not answered yet. */
  private readonly answering = new Map<Id, AbortController>();
  private lastId = 0;
  private ended = false;
  private reportClosed!: () => void;
}

/** Answer a request of the server: exactly once, whatever the handler does. */
async function answer(
  method: string,
  params: unknown,
  signal: AbortSignal,
  handler?: Handler
): Promise<Pick<Message, 'result' | 'error'>> {
  if (!handler) {
    return { error: { code: ErrorCode.methodNotFound, message: `Method not found: ${method}` } };
  }
  try {
    const result = (await handler(params, signal)) ?? null;
    return signal.aborted ? { error: { code: ErrorCode.requestCancelled, message: 'Withdrawn.' } } : { result };
  } catch (error) {
    console.error(error);
    return { error: { code: ErrorCode.internal, message: `The page failed to answer ${method}.` } };
  }
}
