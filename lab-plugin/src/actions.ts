/** The code actions of a cell, asked from the server and shown as a menu. */
import type { LabIcon } from '@jupyterlab/ui-components';
import { CommandRegistry } from '@lumino/commands';
import { Menu } from '@lumino/widgets';
import type { CellPlace, Notebooks } from './notebooks';
import { failureOf } from './failure';
import { explainIcon, fixIcon, improveIcon, runIcon } from './icons';
import type { CodeAction } from './protocol';
import type { Session } from './session';
import type { Verb } from './task';
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
  verb: Verb;
  icon: LabIcon;
  recipe?: string;
}

export class ActionsMenu {
  constructor(
    private readonly session: Session,
    private readonly notebooks: Notebooks,
    private readonly words: Words,
    private readonly perform: (verb: Verb, place: CellPlace, recipe?: string) => void
  ) {}

  /** Ask what can be done with a cell and show it as a menu at a place of the page. */
  async open(place: CellPlace, x: number, y: number): Promise<void> {
    this.notebooks.select(place);
    const commands = new CommandRegistry();
    const menu = new Menu({ commands });
    menu.addClass('jp-AiNotebook-menu');
    for (const { title, verb, icon, recipe } of await this.actions(place)) {
      const command = [verb, recipe].join(':');
      commands.addCommand(command, {
        label: title,
        icon,
        execute: () => {
          this.perform(verb, place, recipe);
        }
      });
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

  private async actions({ notebook, cell }: CellPlace): Promise<Action[]> {
    if (this.session.link !== 'ready') {
      return [];
    }
    notebook.flush();
    const start = { line: 0, character: 0 };
    const answer = await this.session
      .request('textDocument/codeAction', {
        textDocument: { uri: notebook.cellUri(cell.id) },
        range: { start, end: start },
        context: { diagnostics: [], triggerKind: INVOKED }
      })
      .catch(() => null); // lost meanwhile: the menu says so
    const actions = ((answer ?? []) as CodeAction[]).flatMap(({ title, command }) => {
      const known = VERBS[command?.command ?? ''];
      return known ? [{ title, recipe: command?.arguments?.[0]?.recipe, ...known }] : [];
    });
    const failed = failureOf(cell) !== null;
    return failed ? actions.sort((a, b) => Number(b.verb === 'fix') - Number(a.verb === 'fix')) : actions;
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
