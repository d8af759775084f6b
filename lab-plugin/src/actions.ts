/** The code actions of a cell, asked from the server and shown as a menu. */
import { stopIcon, type LabIcon } from '@jupyterlab/ui-components';
import { CommandRegistry } from '@lumino/commands';
import { Menu } from '@lumino/widgets';
import { applyEdits, type Refusal } from './apply';
import type { Assistant } from './assistant';
import type { CellPlace, Notebooks } from './notebooks';
import { failureOf } from './failure';
import { explainIcon, fixIcon, improveIcon, runIcon } from './icons';
import type { CodeAction, TextEdit } from './protocol';
import type { ReadyFixes } from './ready';
import type { Session } from './session';
import { cellId, type CellSnapshot } from './sync';
import type { Task, Verb } from './task';
import type { Words } from './words';

const VERBS: Record<string, { verb: Verb; icon: LabIcon }> = {
  'aiNotebook.fix': { verb: 'fix', icon: fixIcon },
  'aiNotebook.run': { verb: 'run', icon: runIcon },
  'aiNotebook.explain': { verb: 'explain', icon: explainIcon },
  'aiNotebook.improve': { verb: 'improve', icon: improveIcon }
};
const INVOKED = 1;

interface Action {
  title: string;
  icon: LabIcon;
  verb?: Verb;
  perform: () => void;
}

export class ActionsMenu {
  constructor(
    private readonly session: Session,
    private readonly notebooks: Notebooks,
    private readonly words: Words,
    private readonly assistant: Assistant,
    private readonly ready: ReadyFixes,
    private readonly does: {
      perform(verb: Verb, place: CellPlace, recipe?: string): void;
      show(task: Task): void;
      refused(refusal: Refusal): void;
    }
  ) {}

  /** Ask what can be done with a cell and show it as a menu at a place of the page. */
  async open(place: CellPlace, x: number, y: number): Promise<void> {
    this.notebooks.select(place);
    const commands = new CommandRegistry();
    const menu = new Menu({ commands });
    menu.addClass('jp-AiNotebook-menu');
    for (const [index, { title, icon, perform }] of [
      ...this.here(place),
      ...(await this.actions(place)),
      ...this.ofSeveral(place)
    ].entries()) {
      const command = `action-${String(index)}`;
      commands.addCommand(command, { label: title, icon, execute: perform });
      menu.addItem({ command });
    }
    if (menu.items.length === 0) {
      const label = this.nothing(place);
      commands.addCommand('nothing', { label, isEnabled: () => false, execute: () => undefined });
      menu.addItem({ command: 'nothing' });
    }
    const before = document.activeElement;
    menu.aboutToClose.connect(() => {
      if (before instanceof HTMLElement) {
        before.focus({ preventScroll: true });
      }
    });
    menu.open(x, y);
    menu.activeIndex = 0;
  }

  /** What needs no server: what runs can be stopped, and what is ready be shown. */
  private here(place: CellPlace): Action[] {
    const { trans } = this.words;
    const { notebook, cell } = place;
    const stops = this.assistant.runningOf(notebook, cell.id).map(task => ({
      title: trans.__('Stop: %1', this.words.verb(task.verb)),
      icon: stopIcon,
      perform: () => {
        this.assistant.stop(task);
      }
    }));
    const fix = this.ready.of(cell);
    if (!fix) {
      return stops;
    }
    const perform = () => {
      this.does.show(fix);
    };
    return [{ title: trans.__('Show the fix that has run'), icon: fixIcon, perform }, ...stops];
  }

  /** What can be done with all cells that are selected. */
  private ofSeveral({ cell }: CellPlace): Action[] {
    const { trans } = this.words;
    const places = this.notebooks.selectedCells;
    if (places.length < 2 || !places.some(place => place.cell === cell) || this.session.link !== 'ready') {
      return [];
    }
    const all = (verb: Verb) => () => {
      places.forEach(place => {
        this.does.perform(verb, place);
      });
    };
    const count = places.length;
    return [
      { title: trans.__('Explain the %1 selected cells', count), icon: explainIcon, perform: all('explain') },
      { title: trans.__('Improve the %1 selected cells', count), icon: improveIcon, perform: all('improve') },
      { title: trans.__('Run the %1 selected cells in the sidecar', count), icon: runIcon, perform: all('run') }
    ];
  }

  private async actions(place: CellPlace): Promise<Action[]> {
    const { notebook, cell } = place;
    if (this.session.link !== 'ready') {
      return [];
    }
    notebook.flush();
    const asked = notebook.snapshot();
    const start = { line: 0, character: 0 };
    const end = { line: cell.sharedModel.source.split('\n').length - 1, character: 0 };
    const answer = await this.session
      .request('textDocument/codeAction', {
        textDocument: { uri: notebook.cellUri(cell.id) },
        range: { start, end },
        context: { diagnostics: [], triggerKind: INVOKED }
      })
      .catch(() => null); // lost meanwhile: the menu says so
    const actions = ((answer ?? []) as CodeAction[]).flatMap(action => this.action(action, place, asked));
    const failed = failureOf(cell) !== null;
    return failed ? actions.sort((a, b) => Number(b.verb === 'fix') - Number(a.verb === 'fix')) : actions;
  }

  private action(
    { title, command, edit }: CodeAction,
    place: CellPlace,
    asked: ReadonlyMap<string, CellSnapshot>
  ): Action[] {
    if (edit) {
      const mend = () => {
        const edits = Object.entries(edit.changes ?? {}).map(([uri, changes]) => {
          const newText = edited(asked.get(cellId(uri))?.source ?? '', changes);
          return { uri, version: null, newText };
        });
        const refusal = applyEdits(place.notebook, edits, asked);
        if (refusal) {
          this.does.refused(refusal);
        }
      };
      return [{ title, icon: fixIcon, perform: mend }];
    }
    const known = VERBS[command?.command ?? ''];
    const argument = command?.arguments?.[0];
    const cell = argument?.uri ? place.notebook.cell(cellId(argument.uri)) : place.cell;
    if (!known || !cell) {
      return [];
    }
    const perform = () => {
      this.does.perform(known.verb, { ...place, cell }, argument?.recipe);
    };
    return [{ title, ...known, perform }];
  }

  private nothing({ cell }: CellPlace): string {
    const { trans } = this.words;
    if (this.session.link !== 'ready') {
      return this.words.link(this.session.link);
    }
    return cell.type === 'code'
      ? trans.__('Nothing to do in an empty cell')
      : trans.__('Only code cells can be explained, fixed or run');
  }
}

function edited(source: string, edits: TextEdit[]): string {
  const lines = source.split('\n');
  const starts = lines.map((_, i) => lines.slice(0, i).reduce((sum, line) => sum + line.length + 1, 0));
  const offset = ({ line, character }: TextEdit['range']['start']) => (starts[line] ?? source.length) + character;
  return [...edits]
    .sort((a, b) => offset(b.range.start) - offset(a.range.start))
    .reduce(
      (text, { range, newText }) => text.slice(0, offset(range.start)) + newText + text.slice(offset(range.end)),
      source
    );
}
