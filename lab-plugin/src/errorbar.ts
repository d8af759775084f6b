/** A quiet bar below an error: what can be done about it, without looking for it. */
import { ViewPlugin, type EditorView, type PluginValue } from '@codemirror/view';
import type { Extension } from '@codemirror/state';
import type { ICodeCellModel } from '@jupyterlab/cells';
import { Signal } from '@lumino/signaling';
import { element } from './dom';
import { failureOf } from './failure';
import type { Preferences } from './preferences';
import type { ReadyFixes } from './ready';
import type { Task, Verb } from './task';
import type { Words } from './words';

export interface ErrorBarOptions {
  readonly model: ICodeCellModel;
  readonly preferences: Preferences;
  readonly words: Words;
  readonly ready: ReadyFixes;
  /** Whether the assistant works in the cell's notebook. */
  isOn(model: ICodeCellModel): boolean;
  perform(verb: Verb, model: ICodeCellModel): void;
  /** Show the answer to a task. */
  show(task: Task): void;
}

export function errorBar(options: ErrorBarOptions): Extension {
  return ViewPlugin.define(view => new ErrorBar(view, options));
}

/** A row of the cell itself, below its outputs: outputs are the notebook's, and saved with it. */
class ErrorBar implements PluginValue {
  constructor(
    private readonly view: EditorView,
    private readonly options: ErrorBarOptions
  ) {
    const { model, preferences, ready } = options;
    model.outputs.changed.connect(this.refresh, this);
    model.stateChanged.connect(this.refresh, this);
    preferences.changed.connect(this.refresh, this);
    ready.changed.connect(this.refresh, this);
    this.refresh();
  }

  update(): void {
    if (!this.bar.isConnected) {
      this.refresh(); // the cell was not in the page when the bar was made
    }
  }

  destroy(): void {
    Signal.disconnectReceiver(this); // the model, and its signals, may be gone already
    this.bar.remove();
  }

  private refresh(): void {
    const { model, preferences, words, ready, isOn } = this.options;
    const failure = preferences.errorBar && isOn(model) ? failureOf(model) : null;
    if (!failure) {
      this.bar.remove();
      return;
    }
    const { trans } = words;
    const fix = ready.of(model);
    this.bar.setAttribute('aria-label', trans.__('What to do about %1', failure.ename));
    this.bar.replaceChildren(
      ...(fix
        ? [
            this.button(
              trans.__('Show the fix that has run'),
              () => {
                this.options.show(fix);
              },
              'ready'
            )
          ]
        : []),
      this.verb(trans.__('Explain'), 'explain'),
      ...(fix ? [] : [this.verb(trans.__('Fix'), 'fix')]),
      this.verb(trans.__('Run in sidecar'), 'run')
    );
    this.view.requestMeasure({
      key: this,
      read: () => this.view.dom.closest('.jp-CodeCell'),
      write: cell => {
        cell?.insertBefore(this.bar, cell.querySelector(':scope > .jp-CellFooter'));
      }
    });
  }

  private verb(label: string, verb: Verb): HTMLButtonElement {
    return this.button(
      label,
      () => {
        this.options.perform(verb, this.options.model);
      },
      verb
    );
  }

  private button(label: string, onClick: () => void, does: string): HTMLButtonElement {
    const button = element('button', { type: 'button', 'data-does': does }, label);
    button.addEventListener('click', onClick);
    return button;
  }

  private readonly bar = element('div', { class: 'jp-AiNotebook-errorBar', role: 'group' });
}
