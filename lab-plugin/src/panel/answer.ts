/** Below the answer to a question: what of it would be cells, to be tried, put into the notebook or copied. */
import { Clipboard } from '@jupyterlab/apputils';
import { element, linkButton, textButton } from '../dom';
import type { Answer } from '../protocol';
import type { Task } from '../task';
import { Section, type PanelContext } from './parts';
import { TrialView } from './trial';

export function codeView(context: PanelContext, task: Task, answer: Answer): Section {
  const { trans } = context.words;
  const section = new Section(element('div', { class: 'jp-AiNotebook-run' }));
  answer.code.forEach((source, index) => {
    if (answer.code.length > 1) {
      section.add(element('p', { class: 'jp-AiNotebook-label' }, trans.__('Block %1', index + 1)));
    }
    section.add(blockView(context, task, source));
  });
  return section;
}

function blockView(context: PanelContext, task: Task, source: string): Section {
  const { trans } = context.words;
  const section = new Section(element('div', { class: 'jp-AiNotebook-block' }));
  const said = element('p', { class: 'jp-AiNotebook-said' });
  const say = (sentence: string) => {
    said.textContent = sentence;
    context.announce(sentence);
  };
  let trial: TrialView | null = null;
  const tryIt = textButton(trans.__('Try in sidecar'), 'jp-AiNotebook-try', () => {
    trial?.dispose();
    trial = new TrialView(context, task, source);
    section.add(trial);
  });
  tryIt.title = trans.__('Run it in a copy of the sidecar kernel, after the cells that it needs; nothing stays of it');
  const insert = textButton(trans.__('Insert as cell'), 'jp-AiNotebook-insert', () => {
    const id = task.notebook.insertBelow(task.cellId, source);
    say(id === null ? context.words.refusal('closed') : trans.__('Inserted; your own kernel has not run it.'));
    if (id !== null) {
      void context.notebooks.reveal(task.notebook, id);
    }
  });
  const copy = linkButton(trans.__('Copy'), 'jp-AiNotebook-copy', () => {
    Clipboard.copyToSystem(source);
    say(trans.__('Copied.'));
  });
  section.add(element('div', { class: 'jp-AiNotebook-buttons' }, tryIt, insert, copy));
  section.add(said);
  return section;
}
