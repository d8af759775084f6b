/** What a task shows of its outputs as they come, and what comes of it after a reload. */
import type { IOutput } from '@jupyterlab/nbformat';
import { ServerConnection } from '@jupyterlab/services';
import { expect, test } from 'vitest';
import { applyEdits } from '../src/apply';
import type { HistoryEntry, Proposals } from '../src/protocol';
import { Session } from '../src/session';
import { SyncedNotebook } from '../src/sync';
import { restored, Task } from '../src/task';
import { OpenNotebook } from './notebook';

function opened(...sources: string[]): SyncedNotebook {
  const { context } = new OpenNotebook(sources.map(source => ({ type: 'code', source })));
  return new SyncedNotebook(
    context,
    new Session(ServerConnection.makeSettings(), 'file:///folder', ''),
    'file:///folder'
  );
}

const stream = (text: string): IOutput => ({ output_type: 'stream', name: 'stdout', text });
const clear = (wait: boolean): IOutput => ({ output_type: 'clear_output', wait });
const display = (text: string, id?: string, type = 'display_data'): IOutput => ({
  output_type: type,
  data: { 'text/plain': text },
  metadata: {},
  ...(id === undefined ? {} : { transient: { display_id: id } })
});
const update = (text: string, id: string) => display(text, id, 'update_display_data');

/** Return what a cell shows after some outputs have come. */
function shown(...outputs: IOutput[]): string[] {
  const task = new Task('run', opened('a'), 'one', {});
  for (const output of outputs) {
    task.output('file:///folder/notebook.ipynb#one', output);
  }
  const model = task.outputs.get('one');
  const all = Array.from({ length: model?.length ?? 0 }, (_, index) => model?.get(index).toJSON());
  return all.map(output => {
    const text = output?.['text'] ?? (output?.['data'] as Record<string, unknown>)['text/plain'];
    return Array.isArray(text) ? text.join('') : String(text);
  });
}

test.each<[string, IOutput[], string[]]>([
  ['what is printed in pieces is one text', [stream('a'), stream('b\n'), stream('c')], ['ab\nc']],
  [
    'a progress bar is drawn in place',
    [stream('10%'), stream('\r50%'), stream('\r100%\n'), stream('done')],
    ['100%\ndone']
  ],
  ['clear_output clears at once', [stream('a'), clear(false)], []],
  ['clear_output(wait=True) clears with what comes next', [stream('a'), clear(true)], ['a']],
  ['and then only that is shown', [stream('a'), clear(true), stream('b'), stream('c')], ['bc']],
  ['a display is updated in its place', [display('0', 'x'), stream('a'), update('1', 'x')], ['1', 'a']],
  ['each display of one name is', [display('0', 'x'), display('0', 'x'), update('1', 'x')], ['1', '1']],
  ['a display of another name is not', [display('0', 'x'), display('0', 'y'), update('1', 'x')], ['1', '0']],
  ['nor anything, for a name that nobody knows', [display('0'), update('1', 'x')], ['0']],
  ['nor what came into its place', [display('0', 'x'), clear(false), stream('a'), update('1', 'x')], ['a']],
  ['nor after a wait', [display('0', 'x'), clear(true), stream('a'), update('1', 'x')], ['a']]
])('%s', (_, outputs, expected) => {
  expect(shown(...outputs)).toEqual(expected);
});

test('outputs of a cell before it have a place of their own, those of code in no cell the asked one', () => {
  const notebook = opened('a', 'b');
  const run = new Task('run', notebook, 'two', {});
  run.output('file:///folder/notebook.ipynb#one', stream('above'));
  run.output('file:///folder/notebook.ipynb#two', stream('here'));
  expect([...run.outputs.keys()]).toEqual(['one', 'two']);
  const scratch = new Task('scratch', notebook, 'two', {});
  scratch.output('file:///folder/notebook.ipynb', stream('x'));
  expect([...scratch.outputs.keys()]).toEqual(['two']);
});

test('outputs are not trusted: a script in one would have all the rights of the user', () => {
  const task = new Task('run', opened('a'), 'one', {});
  task.output('#one', stream('a'));
  expect(task.outputs.get('one')?.trusted).toBe(false);
});

function entry(notebook: SyncedNotebook, command: string, result: unknown): HistoryEntry {
  const [id = ''] = notebook.snapshot().keys();
  const uri = notebook.cellUri(id);
  const at = '2026-01-02T03:04:05Z';
  return { id: 'token', command, uri, at, asked: { mode: 'above' }, sources: { [uri]: 'old' }, result };
}

test('a fix of before the reload is applied to the text that it was found for, whatever the versions are', () => {
  const notebook = opened('old');
  const [id = ''] = notebook.snapshot().keys();
  const proposals = { candidates: [{ edits: [{ uri: notebook.cellUri(id), version: 41, newText: 'new' }] }] };
  const task = restored(entry(notebook, 'aiNotebook.fix', proposals), notebook);
  expect(task).toMatchObject({ token: 'token', verb: 'fix', phase: 'done', cellId: id, wish: { mode: 'above' } });
  expect(task?.began.toISOString()).toBe('2026-01-02T03:04:05.000Z');
  expect(task?.isKept).toBe(true);
  const edits = (task?.answer as { proposals: Proposals }).proposals.candidates[0]?.edits ?? [];
  notebook.cell(id)?.sharedModel.setSource('other');
  expect(applyEdits(notebook, edits, task?.asked ?? new Map())).toBe('changed');
  notebook.cell(id)?.sharedModel.setSource('old');
  expect(applyEdits(notebook, edits, task?.asked ?? new Map())).toBeNull();
  expect(notebook.cell(id)?.sharedModel.source).toBe('new');
});

test.each(['aiNotebook.preview', 'aiNotebook.scratch', 'aiNotebook.fromTheFuture'])('%s is no history', command => {
  const notebook = opened('a');
  expect(restored(entry(notebook, command, {}), notebook)).toBeNull();
});
