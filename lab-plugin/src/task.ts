/** One thing the user asked for, from the asking to the answer. */
import type { IOutput } from '@jupyterlab/nbformat';
import { OutputAreaModel } from '@jupyterlab/outputarea';
import { UUID } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';
import type * as protocol from './protocol';
import type { CommandName, Explanation, HistoryEntry, Outcome, Preview, Proposals, RunMode } from './protocol';
import { cellId, type CellSnapshot, type SyncedNotebook } from './sync';

export type Verb = 'run' | 'explain' | 'fix' | 'improve' | 'ask' | 'preview' | 'scratch';

/** What a verb is given besides the cell. */
export interface Wish {
  mode?: RunMode;
  /** How to improve; without it, and without an instruction, all recipes that fit. */
  recipe?: string;
  instruction?: string;
  question?: string;
  /** What to preview. */
  command?: CommandName;
  /** What to run that is in no cell, and whether in a branch below the cell. */
  code?: string;
  branch?: boolean;
}

/** `lost`: the connection ended before the answer came. */
export type Phase = 'running' | 'done' | 'stopped' | 'failed' | 'lost';

/** Why there is no answer: what happened, and what to do about it. */
export interface Trouble {
  message: string;
  hint: string;
}

export type Answer =
  | { verb: 'run' | 'scratch'; outcome: Outcome }
  | { verb: 'explain'; explanation: Explanation }
  | { verb: 'fix' | 'improve'; proposals: Proposals }
  | { verb: 'ask'; answer: protocol.Answer }
  | { verb: 'preview'; preview: Preview };

export class Task implements IDisposable {
  readonly token: string;
  began = new Date();
  readonly changed = new Signal<this, void>(this);
  readonly abort = new AbortController();
  phase: Phase = 'running';
  /** What happens now, in the server's words. */
  progress = '';
  /** What has been streamed so far. */
  text = '';
  /** The outputs of each cell that ran, in the order of their first output. */
  readonly outputs = new Map<string, OutputAreaModel>();
  answer: Answer | null = null;
  trouble: Trouble | null = null;
  /** The cells as they were when this was asked for. */
  asked: ReadonlyMap<string, CellSnapshot> = new Map();

  constructor(
    readonly verb: Verb,
    readonly notebook: SyncedNotebook,
    readonly cellId: string,
    readonly wish: Wish,
    token?: string
  ) {
    this.token = token ?? UUID.uuid4();
  }

  /** Whether it is of the notebook's history, to which nothing is added by what only looks or is not a cell's. */
  get isKept(): boolean {
    return this.phase === 'done' && this.verb !== 'preview' && this.verb !== 'scratch';
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  update(change: Partial<Pick<Task, 'phase' | 'progress' | 'text' | 'answer' | 'trouble'>>): void {
    Object.assign(this, change);
    this.changed.emit();
  }

  /** Show an output as it comes, under its cell. */
  output(uri: string, output: IOutput): void {
    const id = this.verb === 'scratch' ? this.cellId : cellId(uri);
    const model = this.outputs.get(id) ?? newOutputs();
    const isNew = !this.outputs.has(id);
    this.outputs.set(id, model);
    addOutput(model, output);
    if (isNew) {
      this.changed.emit();
    }
  }

  dispose(): void {
    this._isDisposed = true;
    this.abort.abort();
    this.outputs.forEach(model => {
      model.dispose();
    });
    Signal.clearData(this);
  }

  private _isDisposed = false;
}

/** Make a task of before from what the server has kept of it; null for a command that this page does not know. */
export function restored({ id, command, uri, at, asked, sources, result }: HistoryEntry, notebook: SyncedNotebook) {
  const verb = command.replace('aiNotebook.', '') as Verb;
  const answer = answerOf(verb, result);
  if (!answer) {
    return null;
  }
  const task = new Task(verb, notebook, cellId(uri), { ...asked, mode: asked.mode as RunMode | undefined }, id);
  task.began = new Date(at);
  // Versions of another connection mean nothing here: texts are compared.
  task.asked = new Map(Object.entries(sources).map(([uri, source]) => [cellId(uri), { version: 0, source }]));
  if ('proposals' in answer) {
    answer.proposals.candidates.forEach(({ edits }) => {
      edits.forEach(edit => {
        edit.version = null;
      });
    });
  }
  task.update({ phase: 'done', answer });
  return task;
}

function answerOf(verb: Verb, result: unknown): Answer | null {
  switch (verb) {
    case 'run':
      return { verb, outcome: result as Outcome };
    case 'explain':
      return { verb, explanation: result as Explanation };
    case 'fix':
    case 'improve':
      return { verb, proposals: result as Proposals };
    case 'ask':
      return { verb, answer: result as protocol.Answer };
    case 'preview':
    case 'scratch':
      return null;
  }
}

/**
 * Make a model for outputs of the sidecar.
 *
 * Untrusted: a candidate's code was not written by the user, and a script in its output would run in this page with
 * all the rights of the user. Tables, pictures and text show as ever.
 */
export function newOutputs(outputs: IOutput[] = []): OutputAreaModel {
  return new OutputAreaModel({ trusted: false, values: outputs });
}

function addOutput(model: OutputAreaModel, { transient, ...output }: IOutput): void {
  const displayId = (transient as { display_id?: string } | undefined)?.display_id;
  if (output.output_type === 'clear_output') {
    model.clear(output['wait'] === true);
    DISPLAYS.delete(model); // others will be in their places
  } else if (output.output_type === 'update_display_data') {
    const displays = DISPLAYS.get(model)?.get(displayId ?? '') ?? [];
    displays.forEach(index => {
      if (index < model.length) {
        model.set(index, { ...output, output_type: 'display_data' });
      }
    });
  } else {
    const index = model.add(output) - 1;
    if (displayId !== undefined) {
      const displays = DISPLAYS.get(model) ?? new Map<string, number[]>();
      displays.set(displayId, [...(displays.get(displayId) ?? []), index]);
      DISPLAYS.set(model, displays);
    }
  }
}

/** Where the outputs with a display id are, per model. */
const DISPLAYS = new WeakMap<OutputAreaModel, Map<string, number[]>>();
