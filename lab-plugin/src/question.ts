/** A question of the server's, as a dialog: which of its answers does the user choose? */
import { Dialog } from '@jupyterlab/apputils';
import { Widget } from '@lumino/widgets';
import { element } from './dom';
import type { Words } from './words';

export interface Question {
  message: string;
  actions?: { title: string }[];
}

/** Resolves with the chosen answer, or null if the dialog was dismissed; the signal closes it. */
export async function ask(
  { message, actions = [] }: Question,
  words: Words,
  signal: AbortSignal
): Promise<{ title: string } | null> {
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
  const dialog = new Dialog({
    title: words.trans.__('The sidecar asks'),
    body: new Widget({ node }),
    // The first is the cautious one, or what was asked for: the only one that stands out.
    buttons: actions.map(({ title }, i) => Dialog.createButton({ label: title, accept: i === 0 })),
    defaultButton: 0
  });
  const close = () => {
    dialog.reject();
  };
  signal.addEventListener('abort', close);
  const { button } = await dialog.launch();
  signal.removeEventListener('abort', close);
  return actions.find(({ title }) => title === button.label) ?? null;
}
