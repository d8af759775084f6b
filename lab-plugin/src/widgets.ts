/** Interactive widgets in the sidecar's outputs: what they are, and that they do nothing here. */
import type { IRenderMime } from '@jupyterlab/rendermime';
import { Widget } from '@lumino/widgets';
import { element } from './dom';
import type { Words } from './words';

const MIME = 'application/vnd.jupyter.widget-view+json';

/**
 * Make what shows a widget as its text.
 *
 * A widget lives on messages to its own kernel; in this page they would reach the user's, which does not know it.
 */
export function widgetRenderer(words: Words): IRenderMime.IRendererFactory {
  return {
    safe: true,
    mimeTypes: [MIME],
    defaultRank: 0,
    createRenderer: () => new WidgetText(words)
  };
}

class WidgetText extends Widget implements IRenderMime.IRenderer {
  constructor(private readonly words: Words) {
    super({ node: element('div', { class: 'jp-AiNotebook-widgetText' }) });
  }

  async renderModel({ data }: IRenderMime.IMimeModel): Promise<void> {
    const text = data['text/plain'];
    this.node.replaceChildren(
      element('pre', {}, typeof text === 'string' ? text : ''),
      element('p', { class: 'jp-AiNotebook-muted' }, this.words.trans.__('A widget; not interactive here.'))
    );
    return Promise.resolve();
  }
}
