/** One proposed change: its receipt, its diff, and the buttons that take it. */
import { Clipboard } from '@jupyterlab/apputils';
import { applyEdits, revertEdits } from '../apply';
import { element, textButton, withCode } from '../dom';
import { verdictIcons } from '../icons';
import type { Candidate } from '../protocol';
import { cellId } from '../sync';
import { newOutputs, type Task } from '../task';
import { DiffView } from './diff';
import { outcomeFacts } from './outcome';
import { cellButton, folded, joined, outputArea, Section, type PanelContext } from './parts';

export class CandidateView extends Section {
  constructor(
    private readonly context: PanelContext,
    private readonly task: Task,
    private readonly candidate: Candidate
  ) {
    super(element('section', { class: 'jp-AiNotebook-candidate', 'data-verdict': candidate.receipt.verdict }));
    this.add(element('h4', { class: 'jp-AiNotebook-candidateTitle' }, ...withCode(candidate.title)));
    this.add(this.receipt());
    for (const edit of candidate.edits) {
      this.addDiff(cellId(edit.uri), edit.newText);
    }
    this.add(this.buttons);
    this.add(this.said);
    this.add(element('p', { class: 'jp-AiNotebook-origin' }, this.origin()));
    this.offer();
  }

  private receipt(): Section {
    const { words } = this.context;
    const { verdict, reason, outcome, durationMs } = this.candidate.receipt;
    const icon = verdictIcons[verdict].element({ tag: 'span', className: 'jp-AiNotebook-icon' });
    icon.setAttribute('role', 'img');
    icon.setAttribute('aria-label', words.verdict(verdict));
    icon.title = words.verdict(verdict);
    const line = [icon, element('span', { class: 'jp-AiNotebook-reason' }, ...withCode(reason))];
    const section = folded(line, 'jp-AiNotebook-receipt', details => {
      if (!outcome) {
        details.add(element('p', { class: 'jp-AiNotebook-muted' }, words.verdict(verdict)));
        return;
      }
      details.add(
        outcomeFacts(
          this.context,
          this.task.notebook,
          outcome,
          [[words.trans.__('Cells below'), this.below()]],
          durationMs || undefined
        )
      );
      if (outcome.outputs.length > 0) {
        const scroll = new Section(element('div', { class: 'jp-AiNotebook-scroll', tabindex: '0' }));
        scroll.add(outputArea(this.context, newOutputs(outcome.outputs)));
        details.add(scroll);
      }
    });
    section.node.dataset['verdict'] = verdict;
    return section;
  }

  private below(): (Node | string)[] {
    const { words } = this.context;
    const entries = this.candidate.receipt.downstream.map(({ uri, status }) =>
      element('span', {}, cellButton(this.context, this.task.notebook, cellId(uri)), ` ${words.status(status)}`)
    );
    return joined(entries, ', ');
  }

  private addDiff(id: string, newText: string): void {
    const { words, languages } = this.context;
    const { notebook, asked } = this.task;
    const number = notebook.number(id);
    if (id !== this.task.cellId || this.candidate.edits.length > 1) {
      this.add(element('p', { class: 'jp-AiNotebook-label' }, cellButton(this.context, notebook, id)));
    }
    const label = words.trans.__('Changes to %1', words.cell(number));
    this.add(new DiffView(asked.get(id)?.source ?? '', newText, label, notebook.languageId, languages));
  }

  private offer(): void {
    const { trans } = this.context.words;
    const { edits, runFirst = [], receipt } = this.candidate;
    const buttons: HTMLButtonElement[] = [];
    if (edits.length > 0) {
      const accent = receipt.verdict === 'verified' ? ' jp-mod-accept' : '';
      buttons.push(
        textButton(trans.__('Apply'), `jp-AiNotebook-apply${accent}`, () => {
          this.apply();
        }),
        textButton(trans.__('Copy'), 'jp-AiNotebook-copy', () => {
          Clipboard.copyToSystem(edits.map(edit => edit.newText).join('\n\n'));
          this.say(trans.__('Copied.'));
        })
      );
    }
    for (const uri of runFirst) {
      const button = cellButton(this.context, this.task.notebook, cellId(uri), name => trans.__('Go to %1', name));
      button.className = 'jp-AiNotebook-button jp-AiNotebook-goTo';
      buttons.push(button);
    }
    this.buttons.replaceChildren(...buttons);
  }

  private apply(): void {
    const { words, notebooks } = this.context;
    const { notebook, asked } = this.task;
    const { edits } = this.candidate;
    const refusal = applyEdits(notebook, edits, asked);
    if (refusal) {
      this.say(words.refusal(refusal), 'refused');
      return;
    }
    const undo = textButton(words.trans.__('Undo'), 'jp-AiNotebook-undo', () => {
      const again = revertEdits(notebook, edits, asked);
      this.say(again ? words.refusal(again) : words.trans.__('Taken back.'), again ? 'refused' : 'said');
      this.offer();
      this.focusFirst();
    });
    this.buttons.replaceChildren(undo);
    this.say(words.trans.__('Applied. Your own kernel has not run it yet: press Shift+Enter in the cell.'), 'applied');
    void notebooks.reveal(notebook, cellId(edits[0]?.uri ?? '')).then(() => {
      undo.focus({ preventScroll: true });
    });
  }

  private focusFirst(): void {
    this.buttons.querySelector('button')?.focus();
  }

  private say(sentence: string, kind: 'said' | 'applied' | 'refused' = 'said'): void {
    this.said.textContent = sentence;
    this.said.dataset['said'] = kind;
    this.context.announce(sentence);
  }

  private origin(): string {
    const { trans } = this.context.words;
    const [kind, name] = this.candidate.origin.split(/:(.*)/s);
    const confidence = {
      certain: trans.__('certain'),
      likely: trans.__('likely'),
      guess: trans.__('a guess'),
      action: trans.__('nothing to change')
    }[this.candidate.confidence];
    return kind === 'builtin'
      ? trans.__('Built-in rule, %1', confidence)
      : trans.__('From the model %1, %2', name ?? '', confidence);
  }

  private readonly buttons = element('div', { class: 'jp-AiNotebook-buttons' });
  private readonly said = element('p', { class: 'jp-AiNotebook-said' });
}
