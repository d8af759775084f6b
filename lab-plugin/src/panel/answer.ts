/** Below the answer to a question: what of it would be cells, to be put into the notebook or copied. */
import { Clipboard } from '@jupyterlab/apputils';
import { element, textButton } from '../dom';
import type { Answer } from '../protocol';
import type { Task } from '../task';
import { Section, type PanelContext } from './parts';

export function codeView(context: PanelContext, task: Task, answer: Answer): Section {
  const { trans } = context.words;
  const section = new Section(element('div', { class: 'jp-AiNotebook-run' }));
  answer.code.forEach((source, index) => {
    const said = element('p', { class: 'jp-AiNotebook-said' });
    const say = (sentence: string) => {
      said.textContent = sentence;
      context.announce(sentence);
    };
    const insert = textButton(trans.__('Insert as cell'), 'jp-AiNotebook-insert', () => {
      const id = task.notebook.insertBelow(task.cellId, source);
      say(
        id === null ? trans.__('The notebook is closed; nothing was changed.') : trans.__('Inserted; it has not run.')
      );
      if (id !== null) {
        void context.notebooks.reveal(task.notebook, id);
      }
    });
    const copy = textButton(trans.__('Copy'), 'jp-AiNotebook-copy', () => {
      Clipboard.copyToSystem(source);
      say(trans.__('Copied.'));
    });
    if (answer.code.length > 1) {
      section.add(element('p', { class: 'jp-AiNotebook-label' }, trans.__('Block %1', index + 1)));
    }
    section.add(element('div', { class: 'jp-AiNotebook-buttons' }, insert, copy));
    section.add(said);
  });
  return section;
}
