/** What of the classic Notebook we use; nbclassic has no types of its own. */
import type { IOutput } from '@jupyterlab/nbformat';

declare global {
  /** RequireJS. */
  function define(modules: string[], factory: (...modules: any[]) => unknown): void;
}

interface CodeMirrorDoc {
  getValue(): string;
  posFromIndex(index: number): object;
  replaceRange(text: string, from: object, to: object, origin?: string): void;
}

export interface ClassicCell {
  /** nbformat's. */
  id: string;
  cell_type: 'code' | 'markdown' | 'raw';
  metadata: Record<string, unknown>;
  /** A jQuery object. */
  element: ArrayLike<HTMLElement>;
  code_mirror: CodeMirrorDoc;
  /** A code cell's; `*` while it runs. */
  input_prompt_number?: number | string | null;
  output_area?: { outputs: IOutput[] };
  get_text(): string;
  is_editable(): boolean;
}

export interface ClassicNotebook {
  notebook_path: string;
  metadata: { kernelspec?: { language?: string }; language_info?: { name?: string } };
  config: { loaded: Promise<unknown>; data: { ai_notebook_ls?: { enabled?: boolean } } };
  keyboard_manager: KeyboardManager;
  mode: 'command' | 'edit';
  get_cells(): ClassicCell[];
  get_selected_cells(): ClassicCell[];
  find_cell_index(cell: ClassicCell): number | null;
  select(index: number): void;
  scroll_to_cell(index: number, milliseconds: number): void;
  focus_cell(): void;
  edit_mode(): void;
  _fully_loaded: boolean;
}

interface ShortcutManager {
  add_shortcut(keys: string, action: string): void;
  get_shortcut(keys: string): unknown;
}

interface KeyboardManager {
  actions: {
    register(action: { icon: string; help: string; handler: () => void }, name: string, prefix: string): string;
  };
  command_shortcuts: ShortcutManager;
  edit_shortcuts: ShortcutManager;
  enable(): void;
  disable(): void;
}

interface Events {
  on(names: string, handler: (event: unknown, data: { cell: ClassicCell }) => void): void;
  one(names: string, handler: () => void): void;
}

interface OutputArea {
  trusted: boolean;
  append_output(output: IOutput): void;
  clear_output(wait: boolean): void;
}

/** The page's modules, as `index.js` gets them from RequireJS. */
export interface Classic {
  notebook: ClassicNotebook;
  toolbar: { add_buttons_group(buttons: { action: string; label?: string }[], id: string): ArrayLike<HTMLElement> };
  notifications: { widget(name: string): { set_message(message: string, milliseconds: number): void } };
  events: Events;
  CodeMirror: { runMode(code: string, mode: string, node: HTMLElement): void };
  marked: { marked(text: string, options: object): string };
  mathjax: { remove_math(text: string): [string, string[]]; replace_math(html: string, math: string[]): string };
  OutputArea: new (options: {
    selector: HTMLElement;
    config: ClassicNotebook['config'];
    prompt_area: boolean;
    events: { trigger(): void };
    keyboard_manager: { register_events(): void };
  }) => OutputArea;
  sanitize(html: string): string;
  typeset(node: HTMLElement): void;
  bodyData(name: string): string | undefined;
}
