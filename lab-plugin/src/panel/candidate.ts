/** One proposed change: its receipt, its diff, and the buttons that take it. */
import { Clipboard } from '@jupyterlab/apputils';
import { applyEdits, revertEdits } from '../apply';
import { element, linkButton, textButton, withCode } from '../dom';
import { verdictIcons } from '../icons';
import type { Candidate, Edit, Outcome } from '../protocol';
import { cellId } from '../sync';
import { newOutputs, type Task } from '../task';
import { DiffView, type Difference } from './diff';
import { outcomeFacts } from './outcome';
import { cellButton, folded, joined, outputArea, Section, type PanelContext } from './parts';
import { showSideBySide } from './sidebyside';

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
      this.addDiff(edit);
    }
    this.add(this.buttons);
    this.add(this.said);
    this.add(element('p', { class: 'jp-AiNotebook-origin' }, this.origin()));
    this.offer();
  }

  private receipt(): Section {
    const { words } = this.context;
    const { verdict, reason, outcome, before, durationMs } = this.candidate.receipt;
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
      if (before) {
        const { trans } = words;
        const sides = new Section(element('div', { class: 'jp-AiNotebook-twoOutputs' }));
        sides.add(this.output(before, trans.__('Output before')));
        sides.add(this.output(outcome, trans.__('Output after')));
        details.add(sides);
      } else if (outcome.outputs.length > 0) {
        details.add(this.output(outcome));
      }
    });
    section.node.dataset['verdict'] = verdict;
    return section;
  }

  private output({ outputs }: Outcome, label?: string): Section {
    const scroll = new Section(
      element('div', { class: 'jp-AiNotebook-scroll', tabindex: '0', role: label && 'group', 'aria-label': label })
    );
    if (label) {
      scroll.add(element('p', { class: 'jp-AiNotebook-label' }, label));
    }
    scroll.add(
      outputs.length > 0
        ? outputArea(this.context, newOutputs(outputs))
        : element('p', { class: 'jp-AiNotebook-muted' }, this.context.words.trans.__('No output.'))
    );
    return scroll;
  }

  private below(): (Node | string)[] {
    const { words } = this.context;
    const entries = this.candidate.receipt.downstream.map(({ uri, status }) =>
      element('span', {}, cellButton(this.context, this.task.notebook, cellId(uri)), ` ${words.status(status)}`)
    );
    return joined(entries, ', ');
  }

  private addDiff(edit: Edit): void {
    const { words, languages } = this.context;
    const id = cellId(edit.uri);
    if (id !== this.task.cellId || this.candidate.edits.length > 1) {
      this.add(element('p', { class: 'jp-AiNotebook-label' }, cellButton(this.context, this.task.notebook, id)));
    }
    const diff = new DiffView(this.difference(edit), languages, words);
    diff.changed.connect(() => {
      this.offer();
    });
    this.diffs.set(edit, diff);
    this.add(diff);
  }

  private difference({ uri, newText }: Edit): Difference {
    const { notebook, asked } = this.task;
    const label = this.context.words.trans.__('Changes to %1', this.context.words.cell(notebook.number(cellId(uri))));
    return { before: asked.get(cellId(uri))?.source ?? '', after: newText, label, language: notebook.languageId };
  }

  /** What is applied: the edits without the changes that are left out. */
  private get edits(): Edit[] {
    return this.candidate.edits.map(edit => ({ ...edit, newText: this.diffs.get(edit)?.text ?? edit.newText }));
  }

  /** Whether a run has shown that it does not help: nothing to put into the notebook with one click. */
  private get isRefuted(): boolean {
    return ['same-error', 'new-error'].includes(this.candidate.receipt.verdict);
  }

  private get isPartial(): boolean {
    return [...this.diffs.values()].some(diff => diff.isPartial);
  }

  private offer(): void {
    const { runFirst = [] } = this.candidate;
    const buttons = this.candidate.edits.length > 0 ? this.editButtons() : [];
    for (const uri of runFirst) {
      const button = cellButton(this.context, this.task.notebook, cellId(uri), name =>
        this.context.words.trans.__('Go to %1', name)
      );
      button.className = 'jp-AiNotebook-button jp-AiNotebook-goTo';
      buttons.push(button);
    }
    this.buttons.replaceChildren(...buttons);
    if (this.isPartial) {
      this.say(this.context.words.trans.__('A part is left out: what remains has not run as it is now.'), 'refused');
    } else if (this.said.dataset['said'] === 'refused') {
      this.say('');
    }
  }

  private editButtons(): HTMLButtonElement[] {
    const { context, task } = this;
    const { trans } = context.words;
    const texts = () => this.edits.map(({ newText }) => newText).join('\n\n');
    const accent = this.candidate.receipt.verdict === 'verified' && !this.isPartial ? ' jp-mod-accept' : '';
    const nothing = this.edits.every(({ uri, newText }) => newText === task.asked.get(cellId(uri))?.source);
    const apply = textButton(
      this.isPartial ? trans.__('Apply the rest') : trans.__('Apply'),
      `jp-AiNotebook-apply${accent}`,
      () => {
        this.apply();
      }
    );
    apply.disabled = nothing;
    const open = linkButton(trans.__('Side by side'), 'jp-AiNotebook-wideDiff', () => {
      void this.sideBySide();
    });
    const all = textButton(trans.__('Take all again'), 'jp-AiNotebook-takeAll', () => {
      this.diffs.forEach(diff => {
        diff.restore();
      });
    });
    const copy = linkButton(trans.__('Copy'), 'jp-AiNotebook-copy', () => {
      Clipboard.copyToSystem(texts());
      this.say(trans.__('Copied.'));
    });
    const insert = linkButton(trans.__('Insert below'), 'jp-AiNotebook-insert', () => {
      this.insert(texts());
    });
    const toScratch = linkButton(trans.__('To scratchpad'), 'jp-AiNotebook-toScratch', () => {
      context.openScratch(texts());
    });
    return this.isRefuted
      ? [open, copy, toScratch]
      : [apply, ...(this.isPartial ? [all] : []), open, copy, insert, toScratch];
  }

  private insert(text: string): void {
    const { words, notebooks } = this.context;
    const { notebook, cellId: below } = this.task;
    const id = notebook.insertBelow(below, text);
    if (id === null) {
      this.say(words.refusal('closed'), 'refused');
      return;
    }
    this.say(words.trans.__('Inserted as a new cell; your own kernel has not run it.'));
    void notebooks.reveal(notebook, id);
  }

  private async sideBySide(): Promise<void> {
    const differences = this.edits.map(edit => this.difference(edit));
    const title = this.candidate.title.replaceAll('`', '');
    if (await showSideBySide(this.context, title, differences, !this.isRefuted)) {
      this.apply();
    }
  }

  private apply(): void {
    const { words, notebooks } = this.context;
    const { notebook, asked } = this.task;
    const { edits } = this;
    const refusal = applyEdits(notebook, edits, asked);
    if (refusal) {
      this.say(words.refusal(refusal), 'refused');
      return;
    }
    const undo = textButton(words.trans.__('Undo'), 'jp-AiNotebook-undo', () => {
      const again = revertEdits(notebook, edits, asked);
      this.offer();
      this.say(again ? words.refusal(again) : words.trans.__('Taken back.'), again ? 'refused' : 'said');
      this.focusFirst();
    });
    this.buttons.replaceChildren(undo);
    this.say(words.trans.__('Applied. Your own kernel has not run it yet: press Shift+Enter in the cell.'), 'applied');
    void notebooks.reveal(notebook, cellId(edits[0]?.uri ?? ''), { focus: false });
    undo.focus({ preventScroll: true });
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

  private readonly diffs = new Map<Edit, DiffView>();
  private readonly buttons = element('div', { class: 'jp-AiNotebook-buttons' });
  private readonly said = element('p', { class: 'jp-AiNotebook-said' });
}
