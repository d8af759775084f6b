import { ServerConnection } from '@jupyterlab/services';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ConnectionLost } from '../src/rpc';
import { ANSWER_TIMEOUT, INITIALIZE_TIMEOUT, nextPause, Session, SILENCE, type Link } from '../src/session';
import { PeerServer, type Peer } from './peer';
import { asPageHas, PageSocket } from './socket';

const MINUTE = 60_000;

let server: PeerServer;
let session: Session;
let links: Link[];

beforeEach(async () => {
  server = await PeerServer.listen();
  session = open();
});

afterEach(() => {
  session.stop();
  server.close();
  vi.useRealTimers();
});

function open(settings: Partial<ServerConnection.ISettings> = {}): Session {
  const made = new Session(
    {
      ...ServerConnection.makeSettings(),
      ...{ wsUrl: server.url, token: 'to ken', appendToken: false },
      ...settings,
      WebSocket: asPageHas(PageSocket)
    },
    'file:///folder',
    '1.2.3'
  );
  links = [];
  made.linkChanged.connect((_, link) => links.push(link));
  return made;
}

/** Take a connection, as the server does; resolves when the session has it. */
async function welcome(): Promise<Peer> {
  const peer = await server.next();
  peer.send({ id: (await peer.nextOf('initialize')).id, result: { capabilities: {} } });
  await peer.nextOf('initialized');
  return peer;
}

async function until(link: Link): Promise<void> {
  await new Promise<void>(resolve => {
    const look = () => {
      if (session.link === link) {
        session.linkChanged.disconnect(look);
        resolve();
      }
    };
    session.linkChanged.connect(look);
    look();
  });
}

/** Wait until the session has taken what was sent to it. */
async function heard(peer: Peer): Promise<void> {
  peer.send({ id: 'heard?', method: 'test/heard', params: {} });
  while ((await peer.next()).id !== 'heard?');
}

/** Let time pass, as while a laptop sleeps: sockets say nothing of it. */
function fakeTime(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
}

test('nothing connects before the first notebook, and what is asked waits for it', async () => {
  const asked = session.request('first', {});
  expect([session.link, links]).toEqual(['off', []]);
  session.start();
  session.start();
  const peer = await welcome();
  const request = await peer.next();
  expect(request.method).toBe('first');
  peer.send({ id: request.id, result: 'answered' });
  expect(await asked).toBe('answered');
  expect(links).toEqual(['connecting', 'ready']);
});

test('it says who it is, and that it knows notebooks', async () => {
  session.start();
  const peer = await server.next();
  expect(await peer.next()).toMatchObject({
    method: 'initialize',
    params: {
      rootUri: 'file:///folder',
      clientInfo: { version: '1.2.3' },
      capabilities: {
        general: { positionEncodings: ['utf-16'] },
        experimental: { aiNotebook: { version: 1 } }
      }
    }
  });
});

test.each([
  ['/ai-notebook-ls/', ''],
  ['/user/jo%20ann/ai-notebook-ls/', 'user/jo%20ann/']
])('it connects to %s', async (expected, baseUrl) => {
  session = open({ wsUrl: server.url + baseUrl });
  session.start();
  expect((await server.next()).url).toBe(expected);
});

test('a page that has only a token gets the cookie first: a token is in no URL', async () => {
  const requests: Request[] = [];
  const fetch = async (request: RequestInfo) => {
    requests.push(request as Request);
    return Promise.reject(new Error('no network')); // the handshake is tried all the same
  };
  session = open({ baseUrl: 'http://hub.example/hub/x/', wsUrl: server.url, appendToken: true, fetch });
  session.start();
  expect((await server.next()).url).toBe('/ai-notebook-ls/');
  const [request] = requests;
  expect(request?.url).toMatch(/^http:\/\/hub.example\/hub\/x\/ai-notebook-ls\/health(\?\d+)?$/);
  expect(request?.headers.get('Authorization')).toBe('token to ken');
  expect(request?.credentials).toBe('include');
});

test('a server that does not answer `initialize` is tried again', async () => {
  fakeTime();
  session.start();
  const peer = await server.next();
  await peer.nextOf('initialize');
  await vi.advanceTimersByTimeAsync(INITIALIZE_TIMEOUT);
  await peer.closed;
  await until('reconnecting');
  window.dispatchEvent(new Event('online'));
  await welcome();
  await until('ready');
});

test('after a loss it connects again, and says so to whoever must send anew what is open', async () => {
  let sent = 0;
  session.initialized.connect(() => {
    session.notify('opened', { time: ++sent });
  });
  session.start();
  const first = await welcome();
  await until('ready');
  const asked = session.request('lost', {});
  await first.nextOf('lost');
  first.cut();
  await expect(asked).rejects.toBeInstanceOf(ConnectionLost);
  expect(session.link).toBe('reconnecting');
  session.notify('said into the void', {});
  const later = session.request('later', {});
  const second = await welcome();
  expect(await second.next()).toMatchObject({ method: 'opened', params: { time: 2 } });
  const request = await second.next();
  expect(request.method).toBe('later');
  second.send({ id: request.id, result: null });
  await later;
  expect(links).toEqual(['connecting', 'ready', 'reconnecting', 'ready']);
});

test('a page that comes back does not sit out the pause', async () => {
  fakeTime();
  session.start();
  const first = await welcome();
  await until('ready');
  first.cut();
  await until('reconnecting');
  await Promise.resolve(); // the pause has begun
  window.dispatchEvent(new Event('online'));
  await welcome();
  await until('ready');
});

test('silence is broken by a question, and any answer to it, even an error, is a sign of life', async () => {
  fakeTime();
  session.start();
  const peer = await welcome();
  await until('ready');
  for (let time = 0; time < 3; time++) {
    await vi.advanceTimersByTimeAsync(SILENCE);
    const ping = await peer.next();
    expect(ping.method).toBe('aiNotebook/ping');
    peer.send({ id: ping.id, error: { code: -32601, message: 'Method not found' } });
    await heard(peer);
  }
  expect(links).toEqual(['connecting', 'ready']);
});

test('a network that died in silence is found out, and left', async () => {
  fakeTime();
  session.start();
  const peer = await welcome();
  await until('ready');
  await vi.advanceTimersByTimeAsync(SILENCE);
  await peer.nextOf('aiNotebook/ping');
  await vi.advanceTimersByTimeAsync(ANSWER_TIMEOUT);
  await until('reconnecting');
  await peer.closed;
});

test('after the sleep of a laptop the question is asked at once', async () => {
  fakeTime();
  session.start();
  const peer = await welcome();
  await until('ready');
  vi.setSystemTime(Date.now() + 8 * 60 * MINUTE); // no timer runs while the machine sleeps
  window.dispatchEvent(new Event('online'));
  await peer.nextOf('aiNotebook/ping');
});

test('who waits for the link can give up', async () => {
  const abort = new AbortController();
  const waiting = [session.ready(abort.signal), session.request('x', {}, abort.signal)];
  abort.abort(new Error('enough'));
  for (const each of waiting) {
    await expect(each).rejects.toThrow('enough');
  }
  session.start();
  const peer = await welcome();
  await session.ready();
  session.notify('after', {});
  expect(await peer.next()).toMatchObject({ method: 'after' });
});

test('stopped, it leaves nothing behind, and can start again', async () => {
  session.start();
  const first = await welcome();
  await until('ready');
  const asked = session.request('lost', {});
  await first.nextOf('lost');
  session.stop();
  await expect(asked).rejects.toBeInstanceOf(ConnectionLost);
  await first.closed;
  expect(session.link).toBe('off');
  window.dispatchEvent(new Event('online'));
  session.start();
  await welcome();
  await until('ready');
  expect(links).toEqual(['connecting', 'ready', 'off', 'connecting', 'ready']);
});

test.each<Link>(['connecting', 'reconnecting'])('stopped while it is %s, it stays so', async link => {
  fakeTime();
  session.start();
  const peer = await server.next();
  await peer.nextOf('initialize');
  if (link === 'reconnecting') {
    peer.cut();
    await until(link);
  }
  session.stop();
  await peer.closed;
  await vi.advanceTimersByTimeAsync(60 * MINUTE);
  expect([session.link, vi.getTimerCount()]).toEqual(['off', 0]);
});

test('attempts become rarer, and a sound connection begins anew', () => {
  const pauses = [nextPause(0, 0)];
  for (let attempt = 1; attempt < 20; attempt++) {
    pauses.push(nextPause(pauses.at(-1) ?? 0, 0));
  }
  expect(pauses[0]).toBe(250);
  expect(pauses).toEqual([...pauses].sort((a, b) => a - b));
  expect(pauses.at(-1)).toBe(30_000);
  expect(nextPause(30_000, MINUTE)).toBe(250);
});
