/** The real server's session over a real WebSocket; the program is tests/lab/documents_server.py. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ServerConnection } from '@jupyterlab/services';
import { Session } from '../src/session';
import { asPageHas, PageSocket } from './socket';

export const ROOT_URI = 'file:///home/somebody/work%20here';

const REPOSITORY = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const OWN_PYTHON = resolve(REPOSITORY, '.venv/bin/python');

/** What a session holds of a notebook. */
export interface Held {
  path: string;
  language: string;
  cells: {
    id: string;
    kind: string;
    languageId: string;
    source: string;
    version: number;
    tookMs: number | null;
  }[];
  /** How many text documents there are of its cells. */
  documents: number;
}

export class Sidecar {
  static async start(): Promise<Sidecar> {
    const python = existsSync(OWN_PYTHON) ? OWN_PYTHON : (process.env['PYTHON'] ?? 'python3');
    const server = spawn(python, ['-m', 'tests.lab.documents_server'], {
      cwd: REPOSITORY,
      env: { ...process.env, PYTHONPATH: REPOSITORY },
      stdio: ['pipe', 'pipe', 'inherit']
    });
    for await (const line of createInterface(server.stdout)) {
      const { url, token } = JSON.parse(line) as { url: string; token: string };
      return new Sidecar(url, token, () => server.stdin.end());
    }
    throw new Error(
      `${python} did not start the server: run make, or set PYTHON to one that can import ai_notebook_ls.`
    );
  }

  readonly session: Session;

  private constructor(
    url: string,
    token: string,
    readonly end: () => void
  ) {
    const sockets = this.sockets;
    class Socket extends PageSocket {
      constructor(address: string) {
        super(address, { headers: { Authorization: `Bearer ${token}` } });
        sockets.push(this);
      }
    }
    const settings = { ...ServerConnection.makeSettings(), wsUrl: url, appendToken: false };
    this.session = new Session({ ...settings, WebSocket: asPageHas(Socket) }, ROOT_URI, 'test');
    this.session.linkChanged.connect((_, link) => {
      if (link === 'reconnecting') {
        setTimeout(() => window.dispatchEvent(new Event('online'))); // nobody wants to sit out the back-off
      }
    });
  }

  /** Cut the connection, as a network does; resolves when there is another one. */
  async reconnect(): Promise<void> {
    const lost = new Promise<void>(done => {
      const onLink = () => {
        this.session.linkChanged.disconnect(onLink);
        done();
      };
      this.session.linkChanged.connect(onLink);
    });
    this.sockets.splice(0).forEach(socket => {
      socket.terminate();
    });
    await lost;
    await this.session.ready();
  }

  /** Return what the server holds of a notebook; null if it is not open. */
  async held(uri: string): Promise<Held | null> {
    return (await this.session.request('test/held', { uri })) as Held | null;
  }

  private readonly sockets: PageSocket[] = [];
}
