import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Connection, ConnectionLost, ResponseError, type Handler } from '../src/rpc';
import { PeerServer, type Peer } from './peer';

let server: PeerServer;
let connection: Connection;
let peer: Peer;
const handlers = new Map<string, Handler>();

beforeEach(async () => {
  server = await PeerServer.listen();
  connection = new Connection(server.open(), method => handlers.get(method));
  await connection.opened;
  peer = await server.next();
});

afterEach(() => {
  handlers.clear();
  server.close();
  vi.restoreAllMocks();
});

test('answers find their requests in whatever order they come', async () => {
  const asked = ['first', 'second', 'third'].map(method => connection.request(method, { method }));
  const came = [await peer.next(), await peer.next(), await peer.next()];
  expect(new Set(came.map(({ id }) => id)).size).toBe(3);
  for (const { id, method } of came.reverse()) {
    peer.send({ id, result: `to ${method}` });
  }
  expect(await Promise.all(asked)).toEqual(['to first', 'to second', 'to third']);
});

test('an error of the server is one, with its code and its data', async () => {
  const asked = connection.request('fail', {});
  peer.send({ id: (await peer.next()).id, error: { code: -32001, message: 'No.', data: { hint: 'Try again.' } } });
  const error = (await asked.catch((reason: unknown) => reason)) as ResponseError;
  expect(error).toBeInstanceOf(ResponseError);
  expect([error.code, error.message, error.data]).toEqual([-32001, 'No.', { hint: 'Try again.' }]);
});

test('answers that nobody waits for are passed over: unknown, without an id, a second one', async () => {
  const asked = connection.request('ask', {});
  const { id } = await peer.next();
  peer.send({ id: 999, result: 'to nobody' });
  peer.send({ id: null, error: { code: -32700, message: 'Parse error' } });
  peer.send({ id, result: 'the first' });
  peer.send({ id, result: 'the second' });
  expect(await asked).toBe('the first');
  const next = connection.request('ask', {});
  peer.send({ id: (await peer.next()).id, result: 'still here' });
  expect(await next).toBe('still here');
});

test('an abort asks the server to cancel, and the answer is still its own', async () => {
  const abort = new AbortController();
  const asked = connection.request('long', {}, abort.signal);
  const { id } = await peer.next();
  abort.abort();
  expect(await peer.next()).toMatchObject({ method: '$/cancelRequest', params: { id } });
  peer.send({ id, error: { code: -32800, message: 'Cancelled' } });
  await expect(asked).rejects.toMatchObject({ code: -32800 });
});

test('an abort before the request cancels it, and one after the answer nothing', async () => {
  const early = new AbortController();
  early.abort();
  const asked = connection.request('early', {}, early.signal);
  const { id } = await peer.next();
  expect(await peer.next()).toMatchObject({ method: '$/cancelRequest', params: { id } });
  peer.send({ id, result: null });
  await asked;

  const late = new AbortController();
  const done = connection.request('late', {}, late.signal);
  peer.send({ id: (await peer.next()).id, result: null });
  await done;
  late.abort();
  connection.notify('after', {});
  expect(await peer.next()).toMatchObject({ method: 'after' });
});

test('notifications reach their handlers and are never answered', async () => {
  const heard = new Promise(resolve => handlers.set('told', resolve));
  peer.send({ method: 'nobody/listens', params: {} });
  peer.send({ method: 'told', params: { text: 'x' } });
  expect(await heard).toEqual({ text: 'x' });
  connection.notify('next', {});
  expect(await peer.next()).toMatchObject({ method: 'next' });
});

test('each request of the server gets one answer: a result, null, no such method, a failure', async () => {
  const problems = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  handlers.set('sum', params => (params as number[]).reduce((a, b) => a + b));
  handlers.set('later', async () => Promise.resolve(undefined));
  handlers.set('broken', () => {
    throw new Error('with the secret text of a cell');
  });
  peer.send({ id: 1, method: 'sum', params: [1, 2] });
  peer.send({ id: 'two', method: 'later', params: {} });
  peer.send({ id: 3, method: 'unknown', params: {} });
  peer.send({ id: 4, method: 'broken', params: {} });
  const answers = [await peer.next(), await peer.next(), await peer.next(), await peer.next()];
  const byId = new Map(answers.map(answer => [answer.id, answer]));
  expect(byId.get(1)?.result).toBe(3);
  expect(byId.get('two')).toHaveProperty('result', null);
  expect(byId.get(3)?.error?.code).toBe(-32601);
  expect(byId.get(4)?.error?.code).toBe(-32603);
  expect(byId.get(4)?.error?.message).not.toContain('secret');
  expect(problems).toHaveBeenCalledOnce();
});

test.each(['withdrawn', 'cut'])('a question of the server that is %s is over for whoever shows it', async how => {
  const shown: AbortSignal[] = [];
  handlers.set('ask', async (_, signal) => {
    shown.push(signal);
    return new Promise(resolve => {
      signal.addEventListener('abort', () => {
        resolve(null);
      });
    });
  });
  handlers.set('heard', () => 'yes');
  peer.send({ id: 'one', method: 'ask', params: {} });
  peer.send({ id: 'two', method: 'ask', params: {} });
  peer.send({ method: '$/cancelRequest', params: { id: 'another' } });
  peer.send({ id: 3, method: 'heard', params: {} });
  expect((await peer.next()).id).toBe(3);
  expect(shown.map(({ aborted }) => aborted)).toEqual([false, false]);
  if (how === 'cut') {
    peer.cut();
    await connection.closed;
    expect(shown.map(({ aborted }) => aborted)).toEqual([true, true]);
    return;
  }
  peer.send({ method: '$/cancelRequest', params: { id: 'one' } });
  expect(await peer.next()).toMatchObject({ id: 'one', error: { code: -32800 } });
  expect(shown.map(({ aborted }) => aborted)).toEqual([true, false]);
});

test('a lost connection ends every request once, and every later one', async () => {
  const ends: unknown[] = [];
  const asked = ['a', 'b'].map(method =>
    connection.request(method, {}).catch((error: unknown) => {
      ends.push(error);
    })
  );
  await peer.next();
  peer.cut();
  await connection.closed;
  await Promise.all(asked);
  expect(ends).toHaveLength(2);
  expect(ends.every(error => error instanceof ConnectionLost)).toBe(true);
  await expect(connection.request('c', {})).rejects.toBeInstanceOf(ConnectionLost);
});

test('closing it here ends all at once, though the network may not answer', async () => {
  const asked = connection.request('a', {});
  connection.close();
  await expect(asked).rejects.toBeInstanceOf(ConnectionLost);
  await connection.closed;
  await peer.closed;
});

test('a server that is not there is a lost connection', async () => {
  server.close();
  const refused = new Connection(server.open(), () => undefined);
  await expect(refused.opened).rejects.toBeInstanceOf(ConnectionLost);
  await refused.closed;
});
