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
  const [first = '', ...reasons] = message.split('\n');
  const node = element('div', { class: 'jp-AiNotebook-question' }, element('p', {}, first));
  if (reasons.length > 0) {
    node.append(element('ul', {}, ...reasons.map(reason => element('li', {}, reason))));
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
