/** The few helpers that making plain elements needs. */
import type { LabIcon } from '@jupyterlab/ui-components';

type Attributes = Record<string, string | undefined>;

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) {
      node.setAttribute(name, value);
    }
  }
  node.append(...children);
  return node;
}

/** Make a button that shows an icon; its label is read out and shown as its tip. */
export function iconButton(
  icon: LabIcon,
  label: string,
  className: string,
  onClick: (event: MouseEvent) => void
): HTMLButtonElement {
  const button = element('button', {
    type: 'button',
    class: `jp-AiNotebook-iconButton ${className}`,
    'aria-label': label,
    title: label
  });
  button.append(icon.element({ tag: 'span', className: 'jp-AiNotebook-icon' }));
  button.addEventListener('click', onClick);
  return button;
}

/** Make a button that shows its label. */
export function textButton(label: string, className: string, onClick: () => void): HTMLButtonElement {
  const button = element('button', { type: 'button', class: `jp-AiNotebook-button ${className}` }, label);
  button.addEventListener('click', onClick);
  return button;
}

/** Show what stands between backticks of a sentence as code. */
export function withCode(sentence: string): (Node | string)[] {
  return sentence.split(/`([^`]+)`/).map((part, index) => (index % 2 === 1 ? element('code', {}, part) : part));
}

/** Make a button that looks like a link: for what is rarely done. */
export function linkButton(label: string, className: string, onClick: () => void): HTMLButtonElement {
  const button = element('button', { type: 'button', class: `jp-AiNotebook-link ${className}` }, label);
  button.addEventListener('click', onClick);
  return button;
}
