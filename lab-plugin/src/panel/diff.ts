/** What a candidate changes in one cell, in CodeMirror's merge view; each change can be left out. */
import { Chunk, unifiedMergeView } from '@codemirror/merge';
import { EditorState, Text, type Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { jupyterTheme, type IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import { closeIcon } from '@jupyterlab/ui-components';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';
import { element, iconButton } from '../dom';
import type { Words } from '../words';

const CONTEXT_LINES = 2;
const LINE_END = '\n';

/** What is compared, and what it is called for those who do not see it. */
export interface Difference {
  before: string;
  after: string;
  label: string;
  language: string;
}

export class DiffView extends Widget {
  /** Emitted when a change was left out, or all are taken again. */
  readonly changed = new Signal<this, void>(this);
  /** Resolves when it shows. */
  readonly ready: Promise<void>;

  constructor(
    private readonly difference: Difference,
    private readonly languages: IEditorLanguageRegistry,
    private readonly words: Words
  ) {
    super({ node: element('div', { class: 'jp-AiNotebook-diff' }) });
    this._text = difference.after;
    this.ready = this.render();
  }

  /** The cell's new text, without the changes that are left out. */
  get text(): string {
    return this._text;
  }

  get isPartial(): boolean {
    return this._text !== this.difference.after;
  }

  /** Take the changes again that were left out. */
  restore(): void {
    const { view, difference } = this;
    view?.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: difference.after } });
  }

  override dispose(): void {
    this.view?.destroy();
    Signal.clearData(this);
    super.dispose();
  }

  private async render(): Promise<void> {
    const language = await languageSupport(this.languages, this.difference.language);
    if (!this.isDisposed) {
      this.view = new EditorView({
        parent: this.node,
        doc: this.difference.after,
        extensions: [this.extensions(), language]
      });
    }
  }

  private extensions(): Extension {
    const { before, after, label } = this.difference;
    const original = Text.of(before.split(LINE_END));
    const parts = Chunk.build(original, Text.of(after.split(LINE_END))).length;
    return [
      // Else the editor takes \r for a line's end too, and the text that is applied has lost it.
      EditorState.lineSeparator.of(LINE_END),
      unifiedMergeView({
        original,
        mergeControls: parts > 1 ? (type, action) => this.control(type, action) : false,
        gutter: true,
        collapseUnchanged: { margin: CONTEXT_LINES, minSize: 4 }
      }),
      readOnly(label),
      EditorView.updateListener.of(({ docChanged, state }) => {
        if (docChanged) {
          this._text = state.doc.toString();
          this.changed.emit();
        }
      })
    ];
  }

  /** A change is in unless it is left out, so there is nothing to accept. */
  private control(type: 'accept' | 'reject', action: (event: MouseEvent) => void): HTMLElement {
    if (type === 'accept') {
      return element('span', { hidden: '' });
    }
    const { trans } = this.words;
    const title = trans.__('Leave this change out; the rest can still be applied');
    return iconButton(closeIcon, title, 'jp-AiNotebook-leaveOut', action);
  }

  private view: EditorView | null = null;
  private _text: string;
}

/** How code looks that can be read and selected, and not changed. */
export function readOnly(label: string): Extension {
  return [
    jupyterTheme,
    EditorView.lineWrapping,
    EditorState.readOnly.of(true),
    EditorView.editable.of(false),
    EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' })
  ];
}

/** Return what colours code of a language; nothing for one that is not known. */
export async function languageSupport(languages: IEditorLanguageRegistry, name: string): Promise<Extension> {
  const language = await languages.getLanguage(name).catch(() => null);
  return language?.support ?? [];
}
