/** A page's WebSocket. */
import type { ClientOptions } from 'ws';
import { WebSocket as NodeSocket } from 'ws';

/** Where nobody listens, an error ends Node's socket with an exception, and a browser's without. */
export class PageSocket extends NodeSocket {
  constructor(url: string, options: ClientOptions = {}) {
    super(url, options);
    this.on('error', () => undefined);
  }
}

/** How the page's code knows it. */
export const asPageHas = (socket: typeof PageSocket) => socket as unknown as typeof WebSocket;
