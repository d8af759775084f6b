/** A slim marker in each cell about which the sidecar is asked something now. */
import { ViewPlugin, type EditorView, type PluginValue } from '@codemirror/view';
import type { Extension } from '@codemirror/state';
import type { ICodeCellModel } from '@jupyterlab/cells';
import { Signal } from '@lumino/signaling';
import type { Assistant } from './assistant';
import { element } from './dom';
import type { Notebooks } from './notebooks';
import type { Task } from './task';
import type { Words } from './words';

export interface RunningOptions {
  readonly model: ICodeCellModel;
  readonly assistant: Assistant;
  readonly notebooks: Notebooks;
  readonly words: Words;
}

export function running(options: RunningOptions): Extension {
  return ViewPlugin.define(view => new Running(view, options));
}

class Running implements PluginValue {
  constructor(
    private readonly view: EditorView,
    private readonly options: RunningOptions
  ) {
    options.assistant.started.connect(this.onTask, this);
    options.assistant.ended.connect(this.onTask, this);
    this.refresh();
  }

  destroy(): void {
    Signal.disconnectReceiver(this);
    this.marker.remove();
  }

  private onTask(_: unknown, { cellId }: Task): void {
    if (cellId === this.options.model.id) {
      this.refresh();
    }
  }

  private refresh(): void {
    const { model, assistant, notebooks, words } = this.options;
    const notebook = notebooks.notebookOf(model);
    const tasks = notebook ? assistant.runningOf(notebook, model.id) : [];
    if (tasks.length === 0) {
      this.marker.remove();
      return;
    }
    this.marker.title = tasks.map(({ verb }) => words.verb(verb)).join(', ');
    this.view.dom.closest('.jp-InputArea')?.append(this.marker);
  }

  private readonly marker = element('div', { class: 'jp-AiNotebook-running', 'aria-hidden': 'true' });
}
