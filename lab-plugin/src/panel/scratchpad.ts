/** A small console on the sidecar kernel of the notebook in front. */
import { acceptCompletion, autocompletion, completionKeymap, startCompletion } from '@codemirror/autocomplete';
import type { CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { Compartment, EditorState, Prec } from '@codemirror/state';
import { EditorView, keymap, placeholder } from '@codemirror/view';
import { jupyterTheme } from '@jupyterlab/codemirror';
import { Panel, Widget } from '@lumino/widgets';
import { element, linkButton, textButton } from '../dom';
import type { SyncedNotebook } from '../sync';
import { languageSupport } from './diff';
import { Section, type PanelContext } from './parts';
import { TrialView } from './trial';

/** Entries kept of a notebook. */
const ENTRIES = 100;

export class ScratchpadView extends Panel {
  constructor(private readonly context: PanelContext) {
    super();
    const { words, notebooks } = context;
    const { trans } = words;
    this.addClass('jp-AiNotebook-scratchpad');
    this.editor = this.makeEditor();
    this.entries.addClass('jp-AiNotebook-entries');
    this.entries.node.addEventListener('scroll', () => {
      const { scrollHeight, scrollTop, clientHeight } = this.entries.node;
      this.isAtEnd = scrollHeight - scrollTop - clientHeight < 8;
    });
    const run = textButton(trans.__('Run'), 'jp-AiNotebook-runScratch jp-mod-accept', () => {
      this.run();
    });
    run.title = words.keys(['Shift Enter']);
    const insert = linkButton(trans.__('Insert into notebook'), 'jp-AiNotebook-insert', () => {
      this.insert(this.code);
    });
    this.clearButton = linkButton(trans.__('Clear'), 'jp-AiNotebook-clear', () => {
      this.all
        .filter(entry => entry.trial.task.phase !== 'running')
        .forEach(entry => {
          entry.dispose();
        });
      this.refresh();
    });
    const buttons = element('div', { class: 'jp-AiNotebook-buttons' }, run, insert, this.clearButton);
    this.input.node.append(this.editor.dom, buttons);
    [this.hint, this.entries, this.input].forEach(widget => {
      this.addWidget(widget);
    });
    notebooks.currentChanged.connect(this.refresh, this);
    this.refresh();
  }

  override dispose(): void {
    this.editor.destroy();
    this.growth.disconnect();
    super.dispose();
  }

  /** Put code into the field, instead of what is there. */
  open(code: string): void {
    this.code = code;
    this.focusInput();
  }

  focusInput(): void {
    this.editor.focus();
  }

  private run(): boolean {
    const notebook = this.context.notebooks.current;
    const code = this.code;
    if (notebook && code.trim()) {
      const entry = new EntryView(this.context, notebook, code, this);
      this.entries.addWidget(entry);
      this.growth.observe(entry.node);
      this.isAtEnd = true;
      this.past.set(notebook, [...(this.past.get(notebook) ?? []), code]);
      this.recalled = 0;
      this.code = '';
      this.entriesOf(notebook)
        .slice(0, -ENTRIES)
        .forEach(entry => {
          entry.dispose();
        });
      this.refresh();
    }
    return true;
  }

  /** Put code below the active cell. */
  insert(code: string): void {
    const { notebooks, words } = this.context;
    const place = notebooks.activeCell;
    const id = place && code.trim() ? place.notebook.insertBelow(place.cell.id, code) : null;
    if (place && id !== null) {
      void notebooks.reveal(place.notebook, id);
      this.context.announce(words.trans.__('Inserted as a new cell; your own kernel has not run it.'));
    }
  }

  /** Put an earlier code into the field, or a later one; as a shell does, at the field's first and last line. */
  private recall(step: 1 | -1): boolean {
    const { state } = this.editor;
    const line = state.doc.lineAt(state.selection.main.head).number;
    const past = this.past.get(this.context.notebooks.current as SyncedNotebook) ?? [];
    const next = this.recalled + step;
    if (line !== (step === 1 ? 1 : state.doc.lines) || next < 0 || next > past.length) {
      return false;
    }
    this.recalled = next;
    this.code = next === 0 ? '' : (past.at(-next) ?? '');
    return true;
  }

  private async complete({ state, pos, explicit, aborted }: CompletionContext): Promise<CompletionResult | null> {
    const notebook = this.context.notebooks.current;
    if (!notebook || !explicit) {
      return null;
    }
    const abort = new AbortController();
    const code = state.doc.toString();
    const found = await this.context.assistant.complete(notebook, code, pos, abort.signal).catch(() => null);
    if (!found || aborted) {
      return null;
    }
    return { from: found.start, to: found.end, options: found.matches.map(label => ({ label })), validFor: /^\w*$/ };
  }

  /** Tab completes behind a name, and otherwise goes on to the buttons, as everywhere. */
  private readonly tab = (view: EditorView): boolean => {
    const { from, text } = view.state.doc.lineAt(view.state.selection.main.head);
    const before = text.slice(0, view.state.selection.main.head - from);
    return acceptCompletion(view) || (/[\w.]$/.test(before) && startCompletion(view));
  };

  private refresh(): void {
    const { notebooks, words } = this.context;
    const { current } = notebooks;
    this.all.forEach(entry => {
      entry.setHidden(entry.trial.task.notebook !== current);
    });
    const isEmpty = !this.all.some(entry => !entry.isHidden);
    this.clearButton.disabled = isEmpty;
    this.hint.setHidden(!isEmpty);
    this.hint.node.textContent = words.trans.__(
      'Code typed here runs in the sidecar kernel, among the variables of the cells that ran in it. Your notebook and your own kernel are left alone. %1 runs it, Tab completes, ↑ brings back what was typed.',
      words.keys(['Shift Enter'])
    );
    void languageSupport(this.context.languages, current?.languageId ?? 'python').then(support => {
      this.editor.dispatch({ effects: this.language.reconfigure(support) });
    });
  }

  private get all(): EntryView[] {
    return this.entries.widgets.filter(widget => widget instanceof EntryView);
  }

  private entriesOf(notebook: SyncedNotebook): EntryView[] {
    return this.all.filter(({ trial }) => trial.task.notebook === notebook);
  }

  private get code(): string {
    return this.editor.state.doc.toString();
  }

  private set code(code: string) {
    const { doc } = this.editor.state;
    this.editor.dispatch({
      changes: { from: 0, to: doc.length, insert: code },
      selection: { anchor: code.length },
      scrollIntoView: true
    });
  }

  private makeEditor(): EditorView {
    const { trans } = this.context.words;
    const run = () => this.run();
    return new EditorView({
      extensions: [
        Prec.highest(
          keymap.of([
            { key: 'Shift-Enter', run },
            { key: 'Mod-Enter', run },
            { key: 'Tab', run: this.tab }
          ])
        ),
        autocompletion({
          override: [context => this.complete(context)],
          activateOnTyping: false,
          interactionDelay: 0, // it was asked for: an Enter that follows at once is meant for it
          icons: false
        }),
        keymap.of(completionKeymap),
        keymap.of([
          { key: 'ArrowUp', run: () => this.recall(1) },
          { key: 'ArrowDown', run: () => this.recall(-1) }
        ]),
        history(),
        keymap.of([...defaultKeymap, ...historyKeymap]),
        this.language.of([]),
        EditorState.tabSize.of(4),
        jupyterTheme,
        EditorView.lineWrapping,
        placeholder(trans.__('Code for the sidecar kernel…')),
        EditorView.contentAttributes.of({ 'aria-label': trans.__('Code for the sidecar kernel') })
      ]
    });
  }

  private readonly language = new Compartment();
  private readonly editor: EditorView;
  private readonly hint = new Widget({ node: element('p', { class: 'jp-AiNotebook-empty jp-AiNotebook-muted' }) });
  private readonly entries = new Panel();
  private readonly input = new Widget({ node: element('div', { class: 'jp-AiNotebook-input' }) });
  private readonly clearButton: HTMLButtonElement;
  /** As in a terminal: what comes is in view, unless the user has scrolled away from the end. */
  private readonly growth = new ResizeObserver(() => {
    if (this.isAtEnd) {
      this.entries.node.scrollTop = this.entries.node.scrollHeight;
    }
  });
  private isAtEnd = true;
  private readonly past = new WeakMap<SyncedNotebook, string[]>();
  /** How far back in the past the field is; 0 for what is being typed. */
  private recalled = 0;
}

/** What was typed, and what came of it. */
class EntryView extends Section {
  readonly trial: TrialView;

  constructor(context: PanelContext, notebook: SyncedNotebook, code: string, scratchpad: ScratchpadView) {
    super(element('div', { class: 'jp-AiNotebook-entry' }));
    const { trans } = context.words;
    const again = linkButton(trans.__('Edit again'), 'jp-AiNotebook-editAgain', () => {
      scratchpad.open(code);
    });
    const insert = linkButton(trans.__('Insert into notebook'), 'jp-AiNotebook-insert', () => {
      scratchpad.insert(code);
    });
    this.add(element('pre', { class: 'jp-AiNotebook-typed' }, code));
    this.trial = new TrialView(context, { notebook, cellId: '' }, code, false);
    this.add(this.trial);
    this.add(element('div', { class: 'jp-AiNotebook-entryActions' }, again, insert));
  }
}
