/** The other end of a WebSocket, which does what a test says. */
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket as NodeSocket, WebSocketServer } from 'ws';
import { PageSocket } from './socket';

export interface Message {
  id?: number | string | null;
  method?: string;
  params?: unknown;
  result?: unknown;
  error?: { code: number; message: string; data?: unknown };
}

/** Things in the order in which they came, for whoever waits for the next one. */
class Arrivals<T> {
  add(thing: T): void {
    const taker = this.takers.shift();
    if (taker) {
      taker(thing);
    } else {
      this.things.push(thing);
    }
  }

  async next(): Promise<T> {
    const thing = this.things.shift();
    return thing ?? new Promise(resolve => this.takers.push(resolve));
  }

  private readonly things: T[] = [];
  private readonly takers: ((thing: T) => void)[] = [];
}

/** One connection, seen from the server. */
export class Peer {
  /** Resolves when the connection has ended, whoever ended it. */
  readonly closed: Promise<void>;

  constructor(
    private readonly socket: NodeSocket,
    /** What the client asked for. */
    readonly url: string
  ) {
    socket.on('message', data => {
      this.messages.add(JSON.parse((data as Buffer).toString()) as Message);
    });
    this.closed = new Promise(resolve => socket.once('close', resolve));
  }

  async next(): Promise<Message> {
    return this.messages.next();
  }

  /** Return the next message with this method; those before it are left out. */
  async nextOf(method: string): Promise<Message> {
    for (;;) {
      const message = await this.next();
      if (message.method === method) {
        return message;
      }
    }
  }

  send(message: Message): void {
    this.socket.send(JSON.stringify({ jsonrpc: '2.0', ...message }));
  }

  /** End without a goodbye, as a network does. */
  cut(): void {
    this.socket.terminate();
  }

  private readonly messages = new Arrivals<Message>();
}

export class PeerServer {
  static async listen(): Promise<PeerServer> {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    await new Promise(resolve => server.once('listening', resolve));
    return new PeerServer(server);
  }

  readonly url: string;

  private constructor(private readonly server: WebSocketServer) {
    this.url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    server.on('connection', (socket: NodeSocket, request: IncomingMessage) => {
      this.peers.add(new Peer(socket, request.url ?? ''));
    });
  }

  /** Connect to it. */
  open(): WebSocket {
    return new PageSocket(this.url) as unknown as WebSocket;
  }

  /** Return the next connection that is made. */
  async next(): Promise<Peer> {
    return this.peers.next();
  }

  close(): void {
    this.server.clients.forEach(client => {
      client.terminate();
    });
    this.server.close();
  }

  private readonly peers = new Arrivals<Peer>();
}
