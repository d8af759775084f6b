/** What a candidate offers follows from its receipt; what it names is called as the notebook shows it. */
import { EditorLanguageRegistry } from '@jupyterlab/codemirror';
import { nullTranslator } from '@jupyterlab/translation';
import { expect, test } from 'vitest';
import type { Candidate, Verdict } from '../src/protocol';
import { CandidateView } from '../src/panel/candidate';
import { cellButton, type PanelContext } from '../src/panel/parts';
import type { SyncedNotebook } from '../src/sync';
import type { Task } from '../src/task';
import { Words } from '../src/words';

const words = new Words(nullTranslator.load('test'));
const pointed: (string | undefined)[] = [];
const context = {
  words,
  languages: new EditorLanguageRegistry(),
  notebooks: { point: (_: unknown, id?: string) => pointed.push(id) }
} as unknown as PanelContext;
const cell = { type: 'code', executionCount: 18 as number | null, sharedModel: { source: 'a' } };
const notebook = {
  number: () => 12,
  cell: () => cell,
  languageId: 'python',
  isDisposed: false
} as unknown as SyncedNotebook;

function offered(verdict: Verdict): string[] {
  const receipt = { verdict, reason: 'It ran.', downstream: [], durationMs: 1 };
  const edits = [{ uri: 'notebook#cell', version: 1, newText: 'b' }];
  const candidate: Candidate = { title: 'T', origin: 'builtin:t', confidence: 'likely', edits, diff: '', receipt };
  const asked = new Map([['cell', { version: 1, source: 'a' }]]);
  const task = { notebook, cellId: 'cell', asked } as unknown as Task;
  const { node } = new CandidateView(context, task, candidate);
  const buttons = node.querySelectorAll('.jp-AiNotebook-buttons button');
  return [...buttons].map(button => button.textContent ?? '');
}

test.each<Verdict>(['verified', 'unchecked', 'escape'])('what is %s can be applied', verdict => {
  expect(offered(verdict)).toContain('Apply');
});

test.each<Verdict>(['same-error', 'new-error'])('what ended in %s cannot be applied, but copied and tried', verdict => {
  expect(offered(verdict)).toEqual(['Side by side', 'Copy', 'To scratchpad']);
});

test('a cell is named with the prompt beside it, as it is now, and marked while it is pointed at', () => {
  const button = cellButton(context, notebook, 'cell');
  expect(button.textContent).toBe('Cell 12 [18]');
  cell.executionCount = 19;
  button.dispatchEvent(new Event('mouseenter'));
  expect([button.textContent, pointed.pop()]).toEqual(['Cell 12 [19]', 'cell']);
  button.dispatchEvent(new Event('mouseleave'));
  expect(pointed.pop()).toBeUndefined();
  cell.executionCount = null;
  button.dispatchEvent(new Event('focus'));
  expect(button.textContent).toBe('Cell 12');
});
