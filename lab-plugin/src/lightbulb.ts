/** The lightbulb in the prompt column, at the cursor's line; at the failing line in a cell with an error. Its colour
 * says what there is: a fix that has run, a failure, or neither. */
import { ViewPlugin, type EditorView, type PluginValue, type ViewUpdate } from '@codemirror/view';
import type { ICodeCellModel } from '@jupyterlab/cells';
import type { Extension } from '@codemirror/state';
import { Signal } from '@lumino/signaling';
import { element } from './dom';
import type { Findings } from './findings';
import { failingLine, failureOf } from './failure';
import { bulbFilledIcon, bulbIcon } from './icons';
import type { Preferences } from './preferences';
import type { ReadyFixes } from './ready';
import type { Words } from './words';

export interface LightbulbOptions {
  readonly model: ICodeCellModel;
  readonly preferences: Preferences;
  readonly words: Words;
  readonly findings: Findings;
  readonly ready: ReadyFixes;
  /** Whether the assistant works in the cell's notebook. */
  isOn(model: ICodeCellModel): boolean;
  /** Show the menu below the bulb. */
  open(model: ICodeCellModel, anchor: DOMRect): void;
}

export function lightbulb(options: LightbulbOptions): Extension {
  return ViewPlugin.define(view => new Lightbulb(view, options));
}

/**
 * A button in `.jp-InputArea`, out of the flow.
 *
 * In the editor it would be clipped, and a gutter would shift the text. Whether it shows is CSS: in the active cell,
 * and in every cell with an error.
 */
class Lightbulb implements PluginValue {
  constructor(
    private readonly view: EditorView,
    private readonly options: LightbulbOptions
  ) {
    // The editor keeps the focus and its selection.
    this.button.addEventListener('mousedown', event => {
      event.preventDefault();
      event.stopPropagation();
    });
    this.button.addEventListener('click', event => {
      event.stopPropagation();
      options.open(options.model, this.button.getBoundingClientRect());
    });
    options.model.outputs.changed.connect(this.onRan, this);
    options.model.stateChanged.connect(this.onStateChanged, this);
    options.preferences.changed.connect(this.place, this);
    options.findings.changed.connect(this.onFindings, this);
    options.ready.changed.connect(this.onReady, this);
    options.model.sharedModel.changed.connect(this.onEdited, this);
    this.onRan();
  }

  update({ selectionSet, geometryChanged, docChanged, focusChanged }: ViewUpdate): void {
    if (selectionSet || geometryChanged || docChanged || focusChanged) {
      this.touched ||= selectionSet && this.view.hasFocus;
      this.place();
    }
  }

  destroy(): void {
    Signal.disconnectReceiver(this); // the model, and its signals, may be gone already
    this.button.remove();
  }

  private onStateChanged(_: unknown, { name }: { name: string }): void {
    if (name === 'isDirty') {
      this.onRan();
    }
  }

  private onFindings(_: unknown, uri: string): void {
    if (uri === this.options.findings.uri(this.options.model)) {
      this.onRan();
    }
  }

  private onReady(_: unknown, id: string): void {
    if (id === this.options.model.id) {
      this.onRan();
    }
  }

  /** A fix is ready for the text that it was found for, and for no other. */
  private onEdited(): void {
    if (this.button.hasAttribute('data-ready') !== (this.options.ready.of(this.options.model) !== null)) {
      this.onRan();
    }
  }

  private onRan(): void {
    const { model, ready, findings, words } = this.options;
    const { trans } = words;
    const failure = failureOf(model);
    const fix = ready.of(model);
    this.failing = failure ? failingLine(failure) : null;
    this.touched = false;
    const icon = failure || fix ? bulbFilledIcon : bulbIcon;
    const told = findings.of(model).map(({ message }) => message.replaceAll('`', ''));
    const keys = words.keys(['Accel .']);
    const actions = trans.__('Actions for this cell (%1)', keys);
    const label = fix
      ? trans.__('A fix that has run is ready (%1)', keys)
      : failure
        ? trans.__('Fix %1, and more actions (%2)', failure.ename, keys)
        : [...told, actions].join(' ');
    this.button.toggleAttribute('data-failed', failure !== null);
    this.button.toggleAttribute('data-ready', fix !== null);
    this.button.title = label;
    this.button.setAttribute('aria-label', label);
    this.button.replaceChildren(icon.element({ tag: 'span', className: 'jp-AiNotebook-icon' }));
    this.place();
  }

  private place(): void {
    this.view.requestMeasure({
      key: this,
      read: view => this.measure(view),
      write: top => {
        const host = this.view.dom.closest('.jp-InputArea');
        if (!host || !this.options.preferences.lightbulb || !this.options.isOn(this.options.model)) {
          this.button.remove();
          return;
        }
        if (this.button.parentElement !== host) {
          host.append(this.button);
        }
        this.button.style.top = `${top}px`;
      }
    });
  }

  /** Return how far below the top of the input area the line is. */
  private measure(view: EditorView): number {
    const host = view.dom.closest('.jp-InputArea');
    const { doc, selection } = view.state;
    const line =
      this.failing !== null && !this.touched && this.failing < doc.lines
        ? doc.line(this.failing + 1).from
        : selection.main.head;
    const offset = host ? view.contentDOM.getBoundingClientRect().top - host.getBoundingClientRect().top : 0;
    const block = view.lineBlockAt(line);
    return offset + view.documentPadding.top + block.top;
  }

  private readonly button = element('button', { type: 'button', class: 'jp-AiNotebook-bulb', tabindex: '-1' });
  private failing: number | null = null;
  /** Whether the cursor has moved since the cell failed. */
  private touched = false;
}
