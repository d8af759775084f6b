/** Hover in the code cells of notebooks: what the sidecar knows about the place, without asking a model. */
import { hoverTooltip, type EditorView, type Tooltip } from '@codemirror/view';
import type { Extension } from '@codemirror/state';
import type { ICodeCellModel } from '@jupyterlab/cells';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { Widget } from '@lumino/widgets';
import type { Notebooks } from './notebooks';
import { markdownModel } from './panel/markdown';
import type { Preferences } from './preferences';
import type { Session } from './session';

const HOVER_TIME = 500;

interface HoverAnswer {
  contents: { value: string };
}

export class Hover {
  constructor(
    private readonly session: Session,
    private readonly notebooks: Notebooks,
    private readonly preferences: Preferences,
    private readonly rendermime: IRenderMimeRegistry
  ) {}

  extension(model: ICodeCellModel): Extension {
    return hoverTooltip((view, position) => this.tooltip(model, view, position), { hoverTime: HOVER_TIME });
  }

  /** Forget all answers: what the sidecar knows has changed. */
  forget(): void {
    this.answers.clear();
  }

  private async tooltip(model: ICodeCellModel, view: EditorView, position: number): Promise<Tooltip | null> {
    const word = view.state.wordAt(position);
    const notebook = this.notebooks.notebookOf(model);
    if (!word || !notebook || !this.preferences.hover || this.session.link !== 'ready') {
      return null;
    }
    notebook.flush();
    const line = view.state.doc.lineAt(word.from);
    const uri = notebook.cellUri(model.id);
    const key = `${uri} ${notebook.version(model.id)} ${word.from}`;
    const known = this.answers.get(key) ?? this.ask(uri, line.number - 1, word.from - line.from);
    this.answers.set(key, known);
    const markdown = await known;
    if (!markdown) {
      return null;
    }
    const renderer = this.rendermime.createRenderer('text/markdown');
    await renderer.renderModel(markdownModel(markdown));
    // jupyterlab-lsp says the same where it is the sidecar that it asks, and Ctrl is held.
    const shown = document.querySelector('.lsp-hover')?.textContent?.trim();
    if (shown !== undefined && shown === renderer.node.textContent?.trim()) {
      renderer.dispose();
      return null;
    }
    return {
      pos: word.from,
      end: word.to,
      above: true,
      create: () => {
        const dom = document.createElement('div');
        dom.className = 'jp-AiNotebook-hover';
        return {
          dom,
          mount: () => {
            Widget.attach(renderer, dom);
          },
          destroy: () => {
            // CodeMirror has taken it out of the page by now, where Lumino would look for it: its error ends all hovers.
            renderer.clearFlag(Widget.Flag.IsAttached);
            renderer.dispose();
          }
        };
      }
    };
  }

  private async ask(uri: string, line: number, character: number): Promise<string> {
    try {
      const answer = await this.session.request('textDocument/hover', {
        textDocument: { uri },
        position: { line, character }
      });
      return (answer as HoverAnswer | null)?.contents.value ?? '';
    } catch {
      this.answers.clear();
      return '';
    }
  }

  /** By cell, version and word; also while the answer is on its way, so that nothing is asked twice. */
  private readonly answers = new Map<string, Promise<string>>();
}
