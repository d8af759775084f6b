/** A sanitizer that lets nothing be fetched: pictures and styles that come with the text stay, all others go. */
import type { IRenderMime } from '@jupyterlab/rendermime';

export class LocalSanitizer implements IRenderMime.ISanitizer {
  constructor(private readonly inner: IRenderMime.ISanitizer) {}

  sanitize(dirty: string, options?: IRenderMime.ISanitizerOptions): string {
    // A document of its own, that is never shown: it fetches nothing while it is cleaned.
    const { body } = new DOMParser().parseFromString(this.inner.sanitize(dirty, options), 'text/html');
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
    }
    return body.innerHTML;
  }

  getAutolink(): boolean {
    return this.inner.getAutolink?.() ?? true;
  }

  get allowNamedProperties(): boolean {
    return this.inner.allowNamedProperties ?? false;
  }
}
