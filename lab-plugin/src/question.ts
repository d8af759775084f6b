/** A question of the server's, as a dialog: which of its answers does the user choose? */
import { Dialog, showDialog } from '@jupyterlab/apputils';
import { Widget } from '@lumino/widgets';
import { element } from './dom';
import type { Words } from './words';

export interface Question {
  message: string;
  actions?: { title: string }[];
}

/** Resolves with the chosen answer, or null if the dialog was dismissed. */
export async function ask({ message, actions = [] }: Question, words: Words): Promise<{ title: string } | null> {
  // Reasons are a line each; after a blank line comes a text as it is.
  const [head = '', ...text] = message.split('\n\n');
  const [first = '', ...reasons] = head.split('\n');
  const node = element('div', { class: 'jp-AiNotebook-question' }, element('p', {}, first));
  if (reasons.length > 0) {
    node.append(element('ul', {}, ...reasons.map(reason => element('li', {}, reason))));
  }
  if (text.length > 0) {
    node.append(element('pre', { class: 'jp-AiNotebook-scroll', tabindex: '0' }, text.join('\n\n')));
  }
  const last = actions.length - 1;
  const { button } = await showDialog({
    title: words.trans.__('The sidecar asks'),
    body: new Widget({ node }),
    buttons: actions.map(({ title }, i) =>
      i === last ? Dialog.cancelButton({ label: title }) : Dialog.createButton({ label: title })
    ),
    defaultButton: 0
  });
  return actions.find(({ title }) => title === button.label) ?? null;
}
