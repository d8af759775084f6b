/** The lightbulb in the prompt column, at the cursor's line; at the failing line in a cell with an error. */
import { ViewPlugin, type EditorView, type PluginValue, type ViewUpdate } from '@codemirror/view';
import type { ICodeCellModel } from '@jupyterlab/cells';
import type { Extension } from '@codemirror/state';
import { Signal } from '@lumino/signaling';
import { element } from './dom';
import type { Findings } from './findings';
import { failingLine, failureOf } from './failure';
import { bulbFilledIcon, bulbIcon } from './icons';
import type { Preferences } from './preferences';
import type { Words } from './words';

export interface LightbulbOptions {
  readonly model: ICodeCellModel;
  readonly preferences: Preferences;
  readonly words: Words;
  readonly findings: Findings;
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

  private onRan(): void {
    const failure = failureOf(this.options.model);
    const { trans } = this.options.words;
    this.failing = failure ? failingLine(failure) : null;
    this.touched = false;
    const icon = failure ? bulbFilledIcon : bulbIcon;
    const told = this.options.findings.of(this.options.model).map(({ message }) => message.replaceAll('`', ''));
    const actions = trans.__('Actions for this cell (Ctrl+.)');
    const label = failure ? trans.__('Fix %1, and more actions (Ctrl+.)', failure.ename) : [...told, actions].join(' ');
    this.button.toggleAttribute('data-failed', failure !== null);
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
        if (!host || !this.options.preferences.lightbulb) {
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
