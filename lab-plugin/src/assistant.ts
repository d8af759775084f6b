/** Asks the sidecar for what the user wants, and routes what comes back to the task that it belongs to. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import { failureOf } from './failure';
import {
  ErrorCode,
  type CellOutput,
  type Completions,
  type Delta,
  type ErrorData,
  type Sent,
  type Token,
  type Variables
} from './protocol';
import { ConnectionLost, ResponseError } from './rpc';
import type { Session } from './session';
import type { SyncedNotebook } from './sync';
import { restored, Task, type Answer, type Verb, type Wish } from './task';

interface Progress {
  token: Token;
  value: { kind: 'begin' | 'report' | 'end'; title?: string; message?: string };
}

export class Assistant {
  /** Emitted for each task that begins. */
  readonly started = new Signal<this, Task>(this);
  /** Emitted for each task that ends, in whichever way. */
  readonly ended = new Signal<this, Task>(this);

  constructor(
    private readonly session: Session,
    private readonly trans: TranslationBundle
  ) {
    session.linkChanged.connect((_, link) => {
      if (link === 'ready') {
        this.comfort();
      }
    });
    session.on('$/progress', params => {
      const { token, value } = params as Progress;
      this.running.get(token)?.update({ progress: value.message ?? value.title ?? '' });
    });
    session.on('aiNotebook/delta', params => {
      const { token, text } = params as Delta;
      const task = this.running.get(token);
      task?.update({ text: task.text + text });
    });
    session.on('aiNotebook/output', params => {
      const { token, uri, output } = params as CellOutput;
      this.running.get(token)?.output(uri, output);
    });
  }

  /** What runs now, for one notebook, and for one of its cells if that is given. */
  runningOf(notebook: SyncedNotebook, cellId?: string): Task[] {
    return [...this.running.values()].filter(
      task => task.notebook === notebook && (cellId === undefined || task.cellId === cellId)
    );
  }

  /** Ask for something, and tell everybody. */
  start(verb: Verb, notebook: SyncedNotebook, cellId: string, wish: Wish = {}): Task {
    return this.begin(new Task(verb, notebook, cellId, wish));
  }

  begin(task: Task): Task {
    const { notebook } = task;
    this.running.set(task.token, task);
    const close = () => {
      task.abort.abort();
    };
    notebook.disposed.connect(close);
    this.started.emit(task);
    void this.perform(task).finally(() => {
      notebook.disposed.disconnect(close);
      this.running.delete(task.token);
      this.ended.emit(task);
    });
    return task;
  }

  /** Let an answer be the last that the server forgets, or no longer. */
  pin({ notebook, token }: Task, pinned: boolean): void {
    this.session.execute('aiNotebook.pin', { uri: notebook.uri, id: token, pinned }).catch(() => undefined);
  }

  /** Let the server forget answers about a notebook. */
  drop(notebook: SyncedNotebook, tasks: Task[]): void {
    const ids = tasks.map(({ token }) => token);
    this.session.execute('aiNotebook.forget', { uri: notebook.uri, ids }).catch(() => undefined);
  }

  /** Return what was answered about a notebook before this page was loaded, the newest first, and what of it is pinned. */
  async history(notebook: SyncedNotebook): Promise<[Task, boolean][]> {
    await this.session.ready();
    const { entries } = await this.session.execute('aiNotebook.history', { uri: notebook.uri });
    return entries.reverse().flatMap(entry => {
      const task = restored(entry, notebook);
      return task ? [[task, entry.pinned === true] as [Task, boolean]] : [];
    });
  }

  /** Return what would fit at a place of code that is in no cell. */
  async complete(notebook: SyncedNotebook, code: string, cursor: number, signal: AbortSignal): Promise<Completions> {
    return this.session.execute('aiNotebook.complete', { uri: notebook.uri, code, cursor }, signal);
  }

  /** Return what was really sent to a model for an answer. */
  async sent({ notebook, token }: Task): Promise<Sent> {
    return this.session.execute('aiNotebook.sent', { uri: notebook.uri, id: token });
  }

  /** Return what the notebook's sidecar kernel holds. */
  async variables(notebook: SyncedNotebook): Promise<Variables> {
    return this.session.execute('aiNotebook.variables', { uri: notebook.uri });
  }

  /** Ask the server to stop; the task ends when it has. */
  stop(task: Task): void {
    task.update({ progress: this.trans.__('Stopping…') });
    task.abort.abort();
  }

  /** Ask for the same again. */
  again(task: Task): Task {
    return this.start(task.verb, task.notebook, task.cellId, task.wish);
  }

  /** Let the next question begin a conversation of its own. */
  forget(notebook: SyncedNotebook): void {
    this.conversations.delete(notebook);
  }

  /** Whether the next question goes on with a conversation. */
  remembers(notebook: SyncedNotebook): boolean {
    return this.conversations.has(notebook);
  }

  /** Stop all that runs for a notebook. */
  stopAll(notebook: SyncedNotebook): void {
    for (const task of this.running.values()) {
      if (task.notebook === notebook) {
        this.stop(task);
      }
    }
  }

  /** The server is back: say so where it was missed. */
  private comfort(): void {
    for (const task of this.lost) {
      if (!task.isDisposed) {
        const message = this.trans.__('The sidecar server went away before it answered. It is back now.');
        task.update({ trouble: { message, hint: task.trouble?.hint ?? '' } });
      }
    }
    this.lost.clear();
  }

  private async perform(task: Task): Promise<void> {
    try {
      if (this.session.link !== 'ready') {
        task.update({ progress: this.trans.__('Connecting to the sidecar…') });
      }
      await this.session.ready(task.abort.signal);
      task.notebook.flush();
      task.asked = task.notebook.snapshot();
      task.update({ phase: 'done', progress: '', answer: await this.ask(task) });
    } catch (error) {
      if (!task.isDisposed) {
        task.update({ progress: '', ...this.ending(task, error) });
      }
    }
  }

  private async ask(task: Task): Promise<Answer> {
    const cell = task.notebook.cell(task.cellId);
    const place = {
      uri: task.notebook.cellUri(task.cellId),
      version: task.notebook.version(task.cellId),
      token: task.token
    };
    const failure = (cell && failureOf(cell)) ?? undefined;
    const { signal } = task.abort;
    switch (task.verb) {
      case 'run': {
        const argument = { ...place, mode: task.wish.mode ?? 'needed' };
        return { verb: 'run', outcome: await this.session.execute('aiNotebook.run', argument, signal) };
      }
      case 'explain': {
        const argument = { ...place, failure };
        return { verb: 'explain', explanation: await this.session.execute('aiNotebook.explain', argument, signal) };
      }
      case 'fix': {
        const argument = { ...place, failure };
        return { verb: 'fix', proposals: await this.session.execute('aiNotebook.fix', argument, signal) };
      }
      case 'improve': {
        const argument = { ...place, recipe: task.wish.recipe, instruction: task.wish.instruction };
        return { verb: 'improve', proposals: await this.session.execute('aiNotebook.improve', argument, signal) };
      }
      case 'ask': {
        const conversation = this.conversations.get(task.notebook);
        const argument = { ...place, question: task.wish.question, conversation };
        const answer = await this.session.execute('aiNotebook.ask', argument, signal);
        this.conversations.set(task.notebook, answer.conversation);
        return { verb: 'ask', answer };
      }
      case 'scratch': {
        const { code, branch } = task.wish;
        const argument = branch ? { ...place, code, branch } : { uri: task.notebook.uri, token: task.token, code };
        return { verb: 'scratch', outcome: await this.session.execute('aiNotebook.scratch', argument, signal) };
      }
      case 'preview': {
        const { command, instruction, question } = task.wish;
        const conversation = this.conversations.get(task.notebook);
        const argument = { ...place, command, failure, instruction, question, conversation };
        return { verb: 'preview', preview: await this.session.execute('aiNotebook.preview', argument, signal) };
      }
    }
  }

  private ending(task: Task, error: unknown): Pick<Task, 'phase' | 'trouble'> {
    if (task.notebook.isDisposed) {
      return { phase: 'stopped', trouble: { message: this.trans.__('Stopped: the notebook was closed.'), hint: '' } };
    }
    if (error instanceof ConnectionLost) {
      this.lost.add(task);
      const message = this.trans.__('The sidecar server went away; reconnecting…');
      return {
        phase: 'lost',
        trouble: { message, hint: this.trans.__('Your notebook and your kernel are untouched.') }
      };
    }
    if (task.abort.signal.aborted || (error instanceof ResponseError && error.code === ErrorCode.requestCancelled)) {
      return { phase: 'stopped', trouble: { message: this.trans.__('Stopped.'), hint: '' } };
    }
    if (error instanceof ResponseError) {
      const hint = (error.data as ErrorData | null | undefined)?.hint ?? '';
      return { phase: 'failed', trouble: { message: error.message, hint } };
    }
    console.error(error);
    return {
      phase: 'failed',
      trouble: { message: this.trans.__('Something went wrong in this page.'), hint: String(error) }
    };
  }

  private readonly running = new Map<Token, Task>();
  private readonly lost = new Set<Task>();
  private readonly conversations = new WeakMap<SyncedNotebook, string>();
}
