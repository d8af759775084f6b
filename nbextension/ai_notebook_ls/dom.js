/** The few helpers that making plain elements needs. */

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string | undefined>} attributes
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) {
      node.setAttribute(name, value);
    }
  }
  node.append(...children);
  return node;
}

/**
 * @param {string} label
 * @param {string} className
 * @param {() => void} onClick
 */
export function button(label, className, onClick) {
  const node = element('button', { type: 'button', class: className }, label);
  node.addEventListener('click', onClick);
  return node;
}

/**
 * Show what stands between backticks of a sentence as code.
 * @param {string} sentence
 */
export function withCode(sentence) {
  return sentence.split(/`([^`]+)`/).map((part, index) => (index % 2 === 1 ? element('code', {}, part) : part));
}

/**
 * Make a part that is folded until it is asked for, and made only then.
 * @param {(Node | string)[]} summary
 * @param {string} className
 * @param {(details: HTMLDetailsElement) => void} fill
 */
export function folded(summary, className, fill) {
  const details = element('details', { class: className }, element('summary', {}, ...summary));
  details.addEventListener(
    'toggle',
    () => {
      fill(details);
    },
    { once: true }
  );
  return details;
}

/**
 * Put elements in a row, with commas between them.
 * @param {Node[]} nodes
 */
export function listed(nodes) {
  return nodes.flatMap((node, index) => (index === 0 ? [node] : [', ', node]));
}

/**
 * Put a text on the clipboard.
 * @param {string} text
 * @param {HTMLElement} near where a field may be for a moment: in a modal dialog nothing outside takes the focus
 */
export function copy(text, near) {
  const focused = document.activeElement;
  const field = element('textarea', { class: 'ai-notebook-unseen', 'aria-hidden': 'true' });
  field.value = text;
  near.append(field);
  field.select();
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- navigator.clipboard is missing on plain http
  document.execCommand('copy');
  field.remove();
  if (focused instanceof HTMLElement) {
    focused.focus();
  }
}
