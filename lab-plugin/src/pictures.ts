/** Pictures among outputs: small in the panel, as large as the window on a click or Enter. */
import { Dialog } from '@jupyterlab/apputils';
import { Widget } from '@lumino/widgets';
import { element } from './dom';
import type { Words } from './words';

/** Let what is shown below a node be enlarged; renderers add to it later, and in their own time. */
export function enlargePictures(node: HTMLElement, words: Words): void {
  const prepare = () => {
    node.querySelectorAll<HTMLImageElement>('img:not([role])').forEach(picture => {
      const alt = picture.alt || words.trans.__('Picture');
      picture.alt = alt;
      picture.setAttribute('role', 'button');
      picture.setAttribute('aria-label', words.trans.__('%1: enlarge', alt));
      picture.title = words.trans.__('Enlarge');
      picture.tabIndex = 0;
    });
  };
  node.addEventListener('load', prepare, true); // each picture's own, when it is there
  const open = (event: Event) => {
    if (event.target instanceof HTMLImageElement) {
      event.preventDefault();
      event.stopPropagation();
      void enlarge(event.target, words);
    }
  };
  node.addEventListener('click', open);
  node.addEventListener('keydown', event => {
    if (event.key === 'Enter' || event.key === ' ') {
      open(event);
    }
  });
}

async function enlarge({ alt, src }: HTMLImageElement, { trans }: Words): Promise<void> {
  const node = element('div', { class: 'jp-AiNotebook-picture' }, element('img', { alt, src }));
  const dialog = new Dialog({
    title: alt,
    body: new Widget({ node }),
    buttons: [Dialog.cancelButton({ label: trans.__('Close') })]
  });
  dialog.addClass('jp-AiNotebook-wide');
  await dialog.launch();
}
