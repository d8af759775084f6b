/** Code that is in no cell, running in the sidecar: its course, its outputs, and how it ended. */
import { element, textButton } from '../dom';
import { Task } from '../task';
import { RunView } from './outcome';
import { Section, type PanelContext } from './parts';

/** Runs the code in a branch below the cell that a task is about, or in the sidecar kernel as it is. */
export class TrialView extends Section {
  readonly task: Task;

  constructor(
    private readonly context: PanelContext,
    { notebook, cellId }: Pick<Task, 'notebook' | 'cellId'>,
    code: string,
    branch = true
  ) {
    super(element('div', { class: 'jp-AiNotebook-trial' }));
    this.task = new Task('scratch', notebook, cellId, { code, branch });
    this.run = new RunView(context, this.task);
    const stop = textButton(context.words.trans.__('Stop'), 'jp-AiNotebook-stop', () => {
      context.assistant.stop(this.task);
    });
    this.course = element('div', { class: 'jp-AiNotebook-course' }, this.progress, stop);
    this.add(this.course);
    this.add(this.run);
    this.add(this.trouble);
    this.task.changed.connect(this.refresh, this);
    this.refresh();
    context.assistant.begin(this.task);
  }

  override dispose(): void {
    if (!this.isDisposed) {
      super.dispose();
      this.task.dispose();
    }
  }

  private refresh(): void {
    const { task, context } = this;
    this.node.dataset['phase'] = task.phase;
    this.course.hidden = task.phase !== 'running';
    this.progress.textContent = task.progress || context.words.trans.__('Working…');
    this.trouble.hidden = task.trouble === null;
    this.trouble.textContent = [task.trouble?.message, task.trouble?.hint].filter(Boolean).join(' ');
    this.run.refresh();
    if (task.answer && 'outcome' in task.answer) {
      context.announce(`${context.words.verb('scratch')}: ${context.words.status(task.answer.outcome.status)}`);
    }
  }

  private readonly run: RunView;
  private readonly course: HTMLElement;
  private readonly progress = element('p', { class: 'jp-AiNotebook-progress', role: 'status' });
  private readonly trouble = element('p', { class: 'jp-AiNotebook-trouble', hidden: '' });
}
