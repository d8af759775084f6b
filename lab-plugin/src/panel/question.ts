/** The field at the panel's foot: a question about the notebook, or what is to be changed in a cell. Needs a model. */
import { Widget } from '@lumino/widgets';
import { element, linkButton, textButton } from '../dom';
import type { Status } from '../status';
import type { Verb, Wish } from '../task';
import type { PanelContext } from './parts';

export class QuestionField extends Widget {
  constructor(
    private readonly context: PanelContext,
    private readonly status: Status
  ) {
    const { trans } = context.words;
    super({ node: element('form', { class: 'jp-AiNotebook-ask', 'aria-label': trans.__('Ask the model') }) });
    this.send = textButton(trans.__('Ask'), 'jp-AiNotebook-send jp-mod-accept', () => {
      this.ask();
    });
    this.change = textButton(trans.__('Change the cell'), 'jp-AiNotebook-change', () => {
      this.start('improve', { instruction: this.text });
    });
    this.look = linkButton(trans.__('What is sent?'), 'jp-AiNotebook-look', () => {
      // Without a question: what explaining the cell would send.
      const asked: Wish = this.text
        ? { command: 'aiNotebook.ask', question: this.text }
        : { command: 'aiNotebook.explain' };
      this.start('preview', asked);
    });
    this.afresh = linkButton(trans.__('Forget the conversation'), 'jp-AiNotebook-afresh', () => {
      const { notebooks, assistant } = context;
      if (notebooks.current) {
        assistant.forget(notebooks.current);
      }
      this.refresh();
      this.field.focus();
    });
    this.field.placeholder = trans.__('Ask about this notebook, or say what to change in the cell…');
    this.field.setAttribute('aria-label', this.field.placeholder);
    const buttons = element('div', { class: 'jp-AiNotebook-buttons' }, this.send, this.change);
    const links = element('div', { class: 'jp-AiNotebook-buttons' }, this.where, this.look, this.afresh);
    this.node.append(this.field, buttons, links);
    this.node.addEventListener('submit', event => {
      event.preventDefault();
      this.ask();
    });
    this.field.addEventListener('keydown', event => {
      if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.ask();
      }
    });
    this.field.addEventListener('input', () => {
      this.refresh();
    });
    status.changed.connect(this.refresh, this);
    context.notebooks.currentChanged.connect(this.refresh, this);
    context.assistant.ended.connect(this.refresh, this);
    this.refresh();
  }

  focus(): void {
    this.field.focus();
  }

  private ask(): void {
    this.start('ask', { question: this.text });
  }

  private start(verb: Verb, wish: Wish): void {
    const place = this.context.notebooks.activeCell;
    if (!place || !(this.text || verb === 'preview')) {
      return;
    }
    this.context.assistant.start(verb, place.notebook, place.cell.id, wish);
    if (verb !== 'preview') {
      this.field.value = '';
    }
    this.refresh();
  }

  private refresh(): void {
    const { notebooks, assistant, words } = this.context;
    const provider = this.status.state?.provider;
    this.setHidden(!provider || provider.name === 'builtin');
    const notebook = notebooks.current;
    const goesOn = notebook !== null && assistant.remembers(notebook);
    for (const button of [this.send, this.change]) {
      button.disabled = !this.text;
    }
    this.send.textContent = goesOn ? words.trans.__('Ask on') : words.trans.__('Ask');
    this.afresh.hidden = !goesOn;
    if (provider) {
      const model = provider.model ?? provider.name;
      this.where.textContent =
        provider.why ??
        (provider.destination === undefined
          ? words.trans.__('%1, on this machine', model)
          : words.trans.__('%1, at %2', model, provider.destination));
    }
  }

  private get text(): string {
    return this.field.value.trim();
  }

  private readonly field = element('textarea', { class: 'jp-mod-styled jp-AiNotebook-question-field', rows: '2' });
  private readonly send: HTMLButtonElement;
  private readonly change: HTMLButtonElement;
  private readonly look: HTMLButtonElement;
  private readonly afresh: HTMLButtonElement;
  private readonly where = element('p', { class: 'jp-AiNotebook-muted' });
}
