/**
 * Outputs of the sidecar in classic's own output area, as below a cell.
 *
 * Untrusted: a candidate's code was not written by the user, and a script in its output would run in this page with all
 * the rights of the user. Tables, pictures and text show as ever.
 */
import { button, element } from './dom.js';

/** @typedef {import('../classic').Classic} Classic */
/** @typedef {import('./markup.js').Markup} Markup */
/** @typedef {import('@jupyterlab/nbformat').IOutput} IOutput */

const HTML = 'text/html';
const MARKDOWN = 'text/markdown';
const SVG = 'image/svg+xml';
const WIDGET = 'application/vnd.jupyter.widget-view+json';

export class OutputView {
  node = element('div', { class: 'ai-notebook-outputs' });
  #clearFirst = false;
  #area;
  #markup;

  /**
   * @param {Classic} classic
   * @param {Markup} markup
   * @param {IOutput[]} outputs
   */
  constructor({ OutputArea, notebook }, markup, outputs = []) {
    this.#markup = markup;
    this.#area = new OutputArea({
      selector: this.node,
      config: notebook.config,
      prompt_area: false,
      events: { trigger: () => undefined }, // these are not the notebook's outputs
      keyboard_manager: { register_events: () => undefined } // which would switch shortcuts on within our dialog
    });
    // It trusts again whatever comes after it was cleared.
    Object.defineProperty(this.#area, 'trusted', { get: () => false, set() {} });
    outputs.forEach(output => {
      this.add(output);
    });
  }

  /**
   * Show an output, or do what `clear_output` and `update_display_data` say.
   * @param {IOutput} output
   */
  add(output) {
    if (output.output_type === 'clear_output') {
      this.#clearFirst = output['wait'] === true;
      if (!this.#clearFirst) {
        this.#area.clear_output(false);
      }
      return;
    }
    if (this.#clearFirst) {
      this.#clearFirst = false;
      this.#area.clear_output(false);
    }
    this.#area.append_output(this.#prepared(output));
    enlargePictures(this.node);
  }

  /**
   * Return an output as classic wants it; it keeps and changes what it is given.
   * @param {IOutput} output
   */
  #prepared(output) {
    const made = /** @type {Record<string, unknown>} */ (structuredClone(output));
    if ('text' in made) {
      made['text'] = joined(made['text']);
    }
    if ('data' in made) {
      made['data'] = this.#bundle(/** @type {Record<string, unknown>} */ (made['data']));
      made['metadata'] ??= {};
    }
    return /** @type {IOutput} */ (made);
  }

  /** @param {Record<string, unknown>} bundle */
  #bundle(bundle) {
    /** @type {Record<string, any>} */
    const data = {};
    for (const [type, value] of Object.entries(bundle)) {
      data[type] = type.endsWith('json') ? value : joined(value);
    }
    // Classic shows no markdown and no SVG that it does not trust. As a picture, an SVG runs nothing.
    if (data[MARKDOWN] !== undefined) {
      data[HTML] ??= this.#markup.rendered(data[MARKDOWN]);
    }
    if (data[SVG] !== undefined && data['image/png'] === undefined) {
      data[HTML] ??= element('img', { alt: 'A picture', src: svgAddress(data[SVG]) }).outerHTML;
    }
    if (data[HTML] !== undefined) {
      data[HTML] = this.#markup.clean(data[HTML]);
    }
    if (data[WIDGET] !== undefined) {
      // Its other half would be looked for in the user's own kernel.
      return { 'text/plain': `${data['text/plain'] ?? 'A widget'}: not interactive here.` };
    }
    return data;
  }
}

/**
 * nbformat keeps texts as one string or as lines.
 * @param {unknown} text
 */
function joined(text) {
  return Array.isArray(text) ? text.join('') : text;
}

/** @param {string} svg */
function svgAddress(svg) {
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

/**
 * Let pictures be shown as large as the window, by a click or Enter.
 * @param {HTMLElement} node
 */
function enlargePictures(node) {
  node.querySelectorAll('img').forEach(picture => {
    if (picture.getAttribute('role') === 'button') {
      return;
    }
    picture.alt ||= 'Picture';
    picture.setAttribute('role', 'button');
    picture.setAttribute('aria-label', `${picture.alt}: enlarge`);
    picture.title = 'Enlarge';
    picture.tabIndex = 0;
    picture.addEventListener('click', () => {
      enlarge(picture);
    });
    picture.addEventListener('keydown', event => {
      if (event.key === 'Enter' || event.key === ' ') {
        event.preventDefault();
        enlarge(picture);
      }
    });
  });
}

/** @param {HTMLImageElement} picture */
function enlarge({ alt, src }) {
  const close = () => {
    dialog.close();
  };
  const dialog = element(
    'dialog',
    { class: 'ai-notebook-dialog ai-notebook-picture', 'aria-label': alt },
    element(
      'div',
      { class: 'modal-content' },
      element('div', { class: 'modal-body' }, element('img', { alt, src })),
      element('div', { class: 'modal-footer' }, button('Close', 'btn btn-default btn-sm', close))
    )
  );
  dialog.addEventListener('keydown', event => {
    event.stopPropagation(); // classic's shortcuts listen at the document; it takes Escape even while they are off
    if (event.key === 'Escape') {
      event.preventDefault();
      close();
    }
  });
  dialog.addEventListener('close', () => {
    dialog.remove();
  });
  document.body.append(dialog);
  dialog.showModal();
}
