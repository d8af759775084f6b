/** Markdown as it streams in, through JupyterLab's own renderer. */
import type { IRenderMime, IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { MimeModel } from '@jupyterlab/rendermime';
import { Panel } from '@lumino/widgets';

const MARKDOWN = 'text/markdown';
/** Rendering is the costly part, and nobody reads faster. */
const INTERVAL = 120;

export class MarkdownView extends Panel {
  constructor(rendermime: IRenderMimeRegistry) {
    super();
    this.addClass('jp-AiNotebook-markdown');
    this.renderer = rendermime.createRenderer(MARKDOWN);
    this.addWidget(this.renderer);
  }

  /** Show a text instead of the one before; soon, not at once. */
  stream(text: string): void {
    if (text === this.text) {
      return;
    }
    this.text = text;
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      void this.render();
    }, INTERVAL);
  }

  override dispose(): void {
    clearTimeout(this.timer);
    super.dispose();
  }

  private async render(): Promise<void> {
    if (!this.isDisposed) {
      await this.renderer.renderModel(markdownModel(this.text));
    }
  }

  private readonly renderer: IRenderMime.IRenderer;
  private text = '';
  private timer: ReturnType<typeof setTimeout> | undefined;
}

/** Untrusted, so that the text is sanitised: it may come from a model, or from what a notebook says. */
export function markdownModel(text: string): MimeModel {
  return new MimeModel({ data: { [MARKDOWN]: text }, trusted: false });
}
