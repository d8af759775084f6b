/**
 * What travels between a page and the sidecar (docs/protocol.md, version 1).
 *
 * The same shapes as `ai_notebook_ls/lsp/wire.py`; a test compares the two. A field the server may leave out is optional.
 */
import type { IOutput } from '@jupyterlab/nbformat';

export const PROTOCOL_VERSION = 1;

export type Level = 'process' | 'limited' | 'contained' | 'sandboxed';
export type Status = 'ok' | 'error' | 'timeout' | 'interrupted' | 'died' | 'cancelled';
export type Verdict = 'verified' | 'same-error' | 'new-error' | 'escape' | 'unchecked';
export type Confidence = 'certain' | 'likely' | 'guess' | 'action';
export type RunMode = 'cell' | 'needed' | 'above' | 'all';
export type KernelState = 'none' | 'starting' | 'idle' | 'busy' | 'dead';
export type VariableKind = 'frame' | 'array' | 'sequence' | 'mapping' | 'scalar' | 'function' | 'class' | 'other';
export type Token = string | number;

// -- what a client sends ------------------------------------------------------

export interface Place {
  line: number;
  character: number;
}

/** What the user's own kernel said. */
export interface ClientFailure {
  ename: string;
  evalue: string;
  traceback: string[];
}

/** The fields common to all commands. */
export interface CellArguments {
  uri: string;
  position?: Place;
  version?: number;
  token?: Token;
}

export interface RunArguments extends CellArguments {
  mode?: RunMode;
}

export interface FailureArguments extends CellArguments {
  failure?: ClientFailure;
}

export type Scope = 'cell' | 'notebook';

export interface ImproveArguments extends CellArguments {
  recipe?: string;
  instruction?: string;
  scope?: Scope;
}

export interface AskArguments extends CellArguments {
  question?: string;
  conversation?: string;
}

export interface PreviewArguments extends CellArguments {
  command?: string;
  failure?: ClientFailure;
  instruction?: string;
  question?: string;
  conversation?: string;
}

/** Code that is in no cell; a branch runs it below the cell of the `uri`. */
export interface ScratchArguments extends CellArguments {
  code?: string;
  branch?: boolean;
}

/** `cursor` counts UTF-16 units from the beginning of the code. */
export interface CompleteArguments extends CellArguments {
  code?: string;
  cursor?: number;
}

/** `id` is that of an entry of the history. */
export interface SentArguments extends CellArguments {
  id?: string;
}

export interface PinArguments extends CellArguments {
  id?: string;
  pinned?: boolean;
}

export interface ForgetArguments extends CellArguments {
  ids?: string[];
}

// -- what a client gets -------------------------------------------------------

export interface Failure {
  ename: string;
  evalue: string;
  traceback: string[];
  uri: string;
  line: number | null;
}

export interface Outcome {
  status: Status;
  uri: string;
  outputs: IOutput[];
  replayed: string[];
  fresh: string[];
  durationMs: number;
  level: Level;
  truncatedBytes: number;
  failure?: Failure;
  executionCount?: number;
  notice?: string;
}

/** A cell's whole new text. */
export interface Edit {
  uri: string;
  version: number | null;
  newText: string;
}

export interface Downstream {
  uri: string;
  status: Status;
}

export interface Receipt {
  verdict: Verdict;
  reason: string;
  downstream: Downstream[];
  durationMs: number;
  outcome?: Outcome;
  before?: Outcome;
}

export interface Candidate {
  title: string;
  origin: string;
  confidence: Confidence;
  edits: Edit[];
  diff: string;
  receipt: Receipt;
  runFirst?: string[];
}

export interface Proposals {
  candidates: Candidate[];
  failure?: Failure;
  note?: string;
  /** Requests that really went to a model; absent if none did. */
  sent?: number;
}

/** What a model's answer took. */
export interface Usage {
  model: string;
  promptTokens: number;
  answerTokens: number;
  seconds: number;
}

export interface Explanation {
  markdown: string;
  provider: string;
  cached: boolean;
  usage?: Usage;
  sent?: number;
}

/** `code` holds what would be cells; `conversation` goes along with the next question. */
export interface Answer {
  markdown: string;
  conversation: string;
  provider: string;
  code: string[];
  usage?: Usage;
  sent?: number;
}

export interface Message {
  role: string;
  content: string;
}

/** What a command would send, to the byte; nothing was sent. `later` says what further requests add. */
export interface Preview {
  messages: Message[];
  tokens: number;
  redactions: string[];
  body: string;
  destination?: string;
  later?: string;
}

/** A request that was sent to a model, to the byte. */
export interface SentRequest {
  messages: Message[];
  tokens: number;
  redactions: string[];
  body: string;
  destination?: string;
}

/** All that was sent for an answer, in order. */
export interface Sent {
  requests: SentRequest[];
}

export interface Provider {
  name: string;
  ready: boolean;
  model?: string;
  destination?: string;
  why?: string;
  /** Where the key is from; never the key. */
  key?: string;
}

/** The last run of a cell: `names` are those that it bound, deleted or changed. */
export interface LedgerEntry {
  uri: string;
  fresh: boolean;
  status: Status;
  executionCount: number;
  durationMs: number;
  names: string[];
}

/** `why` says why the level is not higher. */
export interface State {
  notebook: string;
  kernel: KernelState;
  level: Level;
  ledger: LedgerEntry[];
  memoryBytes: number;
  provider: Provider;
  why?: string;
  uncontained?: string;
  queued?: number;
}

export interface Column {
  name: string;
  dtype: string;
}

/** A frame's upper left corner; its columns are the variable's first ones, `index` is empty where rows have no labels. */
export interface Table {
  index: string[];
  rows: string[][];
}

/** One name of the user's in the sidecar kernel; what only its own code could tell is left out. */
export interface Variable {
  name: string;
  type: string;
  module: string;
  kind: VariableKind;
  preview: string;
  truncated?: boolean;
  shape?: number[];
  dtype?: string;
  bytes?: number;
  columns?: Column[];
  table?: Table;
}

/** While `kernel` is not `idle`, nobody was asked and `variables` is empty. */
export interface Variables {
  kernel: KernelState;
  variables: Variable[];
  leftOut?: number;
}

/** What would fit between two places of the code. */
export interface Completions {
  matches: string[];
  start: number;
  end: number;
}

/** What of a command's arguments is not the place. */
export interface Asked {
  mode?: string;
  recipe?: string;
  instruction?: string;
  question?: string;
}

/** A command that was answered; `sources` are the cells as they stood, by URI. */
export interface HistoryEntry {
  id: string;
  command: string;
  uri: string;
  at: string;
  asked: Asked;
  sources: Record<string, string>;
  result: unknown;
  pinned?: boolean;
}

/** Oldest first. */
export interface History {
  entries: HistoryEntry[];
}

/** The `experimental.aiNotebook` of the server's answer to `initialize`; a Jupyter server's folder, if one started it. */
export interface Abilities {
  version: number;
  rootUri?: string;
}

export interface Delta {
  token: Token;
  text: string;
}

/** `output` may also be `clear_output` or `update_display_data`. */
export interface CellOutput {
  token: Token;
  uri: string;
  output: IOutput;
}

// -- commands -----------------------------------------------------------------

/** Each command with its argument and its result. */
export interface Commands {
  'aiNotebook.run': { argument: RunArguments; result: Outcome };
  'aiNotebook.explain': { argument: FailureArguments; result: Explanation };
  'aiNotebook.fix': { argument: FailureArguments; result: Proposals };
  'aiNotebook.improve': { argument: ImproveArguments; result: Proposals };
  'aiNotebook.ask': { argument: AskArguments; result: Answer };
  'aiNotebook.preview': { argument: PreviewArguments; result: Preview };
  'aiNotebook.sent': { argument: SentArguments; result: Sent };
  'aiNotebook.interrupt': { argument: CellArguments; result: State };
  'aiNotebook.restart': { argument: CellArguments; result: State };
  'aiNotebook.variables': { argument: CellArguments; result: Variables };
  'aiNotebook.scratch': { argument: ScratchArguments; result: Outcome };
  'aiNotebook.complete': { argument: CompleteArguments; result: Completions };
  'aiNotebook.history': { argument: CellArguments; result: History };
  'aiNotebook.pin': { argument: PinArguments; result: null };
  'aiNotebook.forget': { argument: ForgetArguments; result: null };
  'aiNotebook.state': { argument: CellArguments; result: State };
}

export type CommandName = keyof Commands;

/** What a code action carries for a rich client. */
export interface CodeAction {
  title: string;
  kind?: string;
  command?: { title: string; command: string; arguments?: ImproveArguments[] };
  /** What mends a finding of dataflow; its positions count UTF-16 units. */
  edit?: { changes?: Record<string, TextEdit[]> };
}

export interface TextEdit {
  range: Record<'start' | 'end', { line: number; character: number }>;
  newText: string;
}

// -- errors -------------------------------------------------------------------

export const ErrorCode = {
  requestCancelled: -32800,
  contentModified: -32801,
  invalidParams: -32602,
  methodNotFound: -32601,
  internal: -32603,
  assist: -32001
} as const;

export interface ErrorData {
  kind: string;
  hint: string;
}
