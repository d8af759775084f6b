/** Markdown and HTML that others wrote, made harmless: no scripts, nothing is fetched. */

/** @typedef {import('../classic').Classic} Classic */

const PYTHON = /\blanguage-(py|python3?|ipython3?)\b/;

export class Markup {
  #classic;

  /** @param {Classic} classic */
  constructor(classic) {
    this.#classic = classic;
  }

  /**
   * Show markdown in an element.
   * @param {HTMLElement} node
   * @param {string} markdown
   */
  show(node, markdown) {
    node.replaceChildren(...this.#harmless(this.rendered(markdown)).childNodes);
    for (const code of node.querySelectorAll('code')) {
      if (PYTHON.test(code.className)) {
        code.className = 'cm-s-ipython';
        this.#classic.CodeMirror.runMode(code.textContent ?? '', 'python', code);
      }
    }
  }

  /**
   * Return markdown as HTML, not yet harmless.
   * @param {string} markdown
   */
  rendered(markdown) {
    const { marked, mathjax } = this.#classic;
    const [text, math] = mathjax.remove_math(markdown);
    // Without classic's highlighter: it has RequireJS load a file by the name that follows the backticks.
    return mathjax.replace_math(marked.marked(text, { gfm: true, highlight: null }), math);
  }

  /** @param {string} html */
  clean(html) {
    return this.#harmless(html).innerHTML;
  }

  /** @param {HTMLElement} node */
  typeset(node) {
    this.#classic.typeset(node);
  }

  /**
   * Classic's own sanitizer lets pictures be fetched; an address can carry away what a model was shown.
   * @param {string} html
   */
  #harmless(html) {
    // A document of its own, that is never shown: it fetches nothing while it is cleaned.
    const { body } = new DOMParser().parseFromString(this.#classic.sanitize(html), 'text/html');
    for (const node of body.querySelectorAll('*')) {
      for (const name of ['src', 'srcset', 'poster', 'background', 'data']) {
        const address = node.getAttribute(name);
        if (address !== null && !address.startsWith('data:image/')) {
          node.removeAttribute(name);
          if (node instanceof HTMLImageElement) {
            node.replaceWith(`[${node.alt || address}]`);
          }
        }
      }
      if (/url|image/i.test(node.getAttribute('style') ?? '')) {
        node.removeAttribute('style');
      }
      if (node instanceof HTMLAnchorElement) {
        node.target = '_blank'; // the notebook must not go away
        node.rel = 'noopener noreferrer';
      }
    }
    return body;
  }
}
