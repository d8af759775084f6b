/** What a candidate changes in one cell, in CodeMirror's merge view. */
import { unifiedMergeView } from '@codemirror/merge';
import { EditorState, type Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { jupyterTheme, type IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import { Widget } from '@lumino/widgets';
import { element } from '../dom';

const CONTEXT_LINES = 2;

export class DiffView extends Widget {
  constructor(
    private readonly before: string,
    private readonly after: string,
    private readonly label: string,
    private readonly language: string,
    private readonly languages: IEditorLanguageRegistry
  ) {
    super({ node: element('div', { class: 'jp-AiNotebook-diff' }) });
    void this.render();
  }

  override dispose(): void {
    this.view?.destroy();
    super.dispose();
  }

  private async render(): Promise<void> {
    const language = await this.languages.getLanguage(this.language).catch(() => null);
    if (this.isDisposed) {
      return;
    }
    this.view = new EditorView({
      parent: this.node,
      doc: this.after,
      extensions: [this.extensions(), language?.support ?? []]
    });
  }

  private extensions(): Extension {
    return [
      unifiedMergeView({
        original: this.before,
        mergeControls: false,
        gutter: true,
        collapseUnchanged: { margin: CONTEXT_LINES, minSize: 4 }
      }),
      jupyterTheme,
      EditorView.lineWrapping,
      EditorState.readOnly.of(true),
      EditorView.editable.of(false),
      EditorView.contentAttributes.of({ 'aria-label': this.label, tabindex: '0' })
    ];
  }

  private view: EditorView | null = null;
}
