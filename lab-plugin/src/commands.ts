/** What the user can ask for by the command palette, a menu or a key. */
import type { ICommandPalette } from '@jupyterlab/apputils';
import { refreshIcon, stopIcon } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { ActionsMenu } from './actions';
import { explainIcon, fixIcon, improveIcon, panelIcon, runIcon } from './icons';
import type { CellPlace, Notebooks } from './notebooks';
import type { RunMode } from './protocol';
import type { Verb } from './task';
import type { Words } from './words';

export const CommandIDs = {
  actions: 'ai-notebook-ls:actions',
  fix: 'ai-notebook-ls:fix',
  explain: 'ai-notebook-ls:explain',
  improve: 'ai-notebook-ls:improve',
  run: 'ai-notebook-ls:run',
  runAll: 'ai-notebook-ls:run-all',
  interrupt: 'ai-notebook-ls:interrupt',
  restart: 'ai-notebook-ls:restart',
  stop: 'ai-notebook-ls:stop',
  ask: 'ai-notebook-ls:ask',
  variables: 'ai-notebook-ls:variables',
  scratchpad: 'ai-notebook-ls:scratchpad',
  toScratchpad: 'ai-notebook-ls:to-scratchpad',
  clearHistory: 'ai-notebook-ls:clear-history',
  toggle: 'ai-notebook-ls:toggle',
  showPanel: 'ai-notebook-ls:show-panel'
} as const;

export interface CommandOptions {
  readonly commands: CommandRegistry;
  readonly palette: ICommandPalette | null;
  readonly notebooks: Notebooks;
  readonly actions: ActionsMenu;
  readonly words: Words;
  perform(verb: Verb, place: CellPlace, mode?: RunMode): void;
  interrupt(place: CellPlace): Promise<void>;
  restart(place: CellPlace): Promise<void>;
  stop(): void;
  showPanel(): void;
  askPanel(): void;
  showVariables(): void;
  openScratch(code?: string): void;
  clearHistory(): void;
  /** Whether the assistant works in the notebook in front. */
  isOn(): boolean;
  toggle(): Promise<void>;
}

export function addCommands(options: CommandOptions): void {
  const { commands, notebooks, actions, palette } = options;
  const { trans } = options.words;
  const isEnabled = () => notebooks.activeCell !== null;
  const isCode = () => notebooks.activeCell?.cell.type === 'code';
  const onSelectedCells = (act: (place: CellPlace) => void) => () => {
    notebooks.selectedCells.forEach(act);
  };
  const onActiveCell = (act: (place: CellPlace) => unknown) => () => {
    const place = notebooks.activeCell;
    return place ? act(place) : undefined;
  };

  const several = (one: string, more: (count: number) => string) => () => {
    const { length } = notebooks.selectedCells;
    return length > 1 ? more(length) : one;
  };

  commands.addCommand(CommandIDs.actions, {
    label: trans.__('Actions for this Cell…'),
    caption: trans.__('Explain, fix or run the active cell in the sidecar'),
    icon: panelIcon,
    isEnabled,
    execute: onActiveCell(async place => {
      const { left, top } = anchor(notebooks, place);
      await actions.open(place, left, top);
    })
  });
  commands.addCommand(CommandIDs.fix, {
    label: several(trans.__('Fix this Cell'), n => trans.__('Fix the %1 Selected Cells', n)),
    caption: trans.__('Find a fix for the active cell; each one is run before it is shown'),
    icon: fixIcon,
    isEnabled: isCode,
    execute: onSelectedCells(place => {
      options.perform('fix', place);
    })
  });
  commands.addCommand(CommandIDs.explain, {
    label: several(trans.__('Explain this Cell'), n => trans.__('Explain the %1 Selected Cells', n)),
    icon: explainIcon,
    isEnabled: isCode,
    execute: onSelectedCells(place => {
      options.perform('explain', place);
    })
  });
  commands.addCommand(CommandIDs.improve, {
    label: several(trans.__('Improve this Cell'), n => trans.__('Improve the %1 Selected Cells', n)),
    caption: trans.__('Try all ready recipes that fit the active cell, and compare the outputs before and after'),
    icon: improveIcon,
    isEnabled: isCode,
    execute: onSelectedCells(place => {
      options.perform('improve', place);
    })
  });
  commands.addCommand(CommandIDs.run, {
    label: several(trans.__('Run this Cell in the Sidecar'), n =>
      trans.__('Run the %1 Selected Cells in the Sidecar', n)
    ),
    caption: trans.__('Run the active cell, and the cells that it needs, beside your own kernel'),
    icon: runIcon,
    isEnabled: isCode,
    execute: onSelectedCells(place => {
      options.perform('run', place);
    })
  });
  commands.addCommand(CommandIDs.runAll, {
    label: trans.__('Run All Cells in the Sidecar'),
    isEnabled: isCode,
    execute: onActiveCell(place => {
      options.perform('run', place, 'all');
    })
  });
  commands.addCommand(CommandIDs.interrupt, {
    label: trans.__('Interrupt the Sidecar Kernel'),
    icon: stopIcon,
    isEnabled,
    execute: onActiveCell(options.interrupt)
  });
  commands.addCommand(CommandIDs.restart, {
    label: trans.__('Restart the Sidecar Kernel'),
    caption: trans.__('Throw the sidecar\u2019s variables away; your own kernel keeps its own'),
    icon: refreshIcon,
    isEnabled,
    execute: onActiveCell(options.restart)
  });
  commands.addCommand(CommandIDs.ask, {
    label: trans.__('Ask about this Notebook…'),
    caption: trans.__('Put a question to the model, or tell it what to change in the active cell'),
    icon: explainIcon,
    isEnabled,
    execute: () => {
      options.askPanel();
    }
  });
  commands.addCommand(CommandIDs.stop, {
    label: trans.__('Stop all Sidecar Requests of this Notebook'),
    caption: trans.__('Your own kernel goes on'),
    icon: stopIcon,
    isEnabled,
    execute: () => {
      options.stop();
    }
  });
  commands.addCommand(CommandIDs.variables, {
    label: trans.__('Show the Sidecar\u2019s Variables'),
    isEnabled,
    execute: () => {
      options.showVariables();
    }
  });
  commands.addCommand(CommandIDs.scratchpad, {
    label: trans.__('Show the Scratchpad'),
    caption: trans.__('A console on the sidecar kernel of this notebook'),
    isEnabled,
    execute: () => {
      options.openScratch();
    }
  });
  commands.addCommand(CommandIDs.toScratchpad, {
    label: trans.__('Send to the Scratchpad'),
    caption: trans.__('Put the selected text, or the whole cell, into the scratchpad'),
    isEnabled: isCode,
    execute: () => {
      options.openScratch(notebooks.selectedText);
    }
  });
  commands.addCommand(CommandIDs.clearHistory, {
    label: trans.__('Clear the History of this Notebook'),
    isEnabled,
    execute: () => {
      options.clearHistory();
    }
  });
  commands.addCommand(CommandIDs.toggle, {
    label: trans.__('Use the AI Assistant in this Notebook'),
    isToggled: () => options.isOn(),
    isEnabled: () => notebooks.currentPath !== null,
    execute: () => options.toggle()
  });
  commands.addCommand(CommandIDs.showPanel, {
    label: trans.__('Show the AI Notebook Panel'),
    icon: panelIcon,
    execute: () => {
      options.showPanel();
    }
  });
  for (const command of Object.values(CommandIDs)) {
    palette?.addItem({ command, category: trans.__('AI Notebook') });
  }
}

/** Return where a menu about a cell belongs: below its bulb, or at its top. */
function anchor(notebooks: Notebooks, { notebook, cell }: CellPlace): { left: number; top: number } {
  const node = notebooks.widget(notebook, cell.id)?.node;
  const bulb = node?.querySelector('.jp-AiNotebook-bulb')?.getBoundingClientRect();
  const { left, bottom } = bulb ?? node?.getBoundingClientRect() ?? new DOMRect();
  return { left, top: bulb ? bottom : (node?.getBoundingClientRect().top ?? 0) };
}
