/** The plugin: puts the parts together, in JupyterLab and in Notebook 7. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import type { ICodeCellModel } from '@jupyterlab/cells';
import { EditorExtensionRegistry, IEditorExtensionRegistry, IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import type { CodeEditor } from '@jupyterlab/codeeditor';
import { PageConfig } from '@jupyterlab/coreutils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { ActionsMenu } from './actions';
import { Assistant } from './assistant';
import { addCommands } from './commands';
import { Differences } from './differences';
import { errorBar } from './errorbar';
import { Hover } from './hover';
import { lightbulb } from './lightbulb';
import { LocalSanitizer } from './sanitizer';
import { Notebooks, type CellPlace } from './notebooks';
import { SidecarPanel } from './panel/panel';
import { Preferences } from './preferences';
import { ReadyFixes } from './ready';
import { running } from './running';
import { Findings } from './findings';
import { ask, type Question } from './question';
import { Session } from './session';
import { Status, StatusLine } from './status';
import type { Task, Verb, Wish } from './task';
import { widgetRenderer } from './widgets';
import { Words } from './words';

const ID = 'ai-notebook-ls-lab:plugin';
const DOMAIN = 'ai_notebook_ls';
const VERSION = '0.1.0';

const plugin: JupyterFrontEndPlugin<void> = {
  id: ID,
  description: 'Explain, fix, improve and run cells in a sidecar kernel.',
  autoStart: true,
  requires: [INotebookTracker, IEditorExtensionRegistry, IEditorLanguageRegistry, IRenderMimeRegistry],
  optional: [ICommandPalette, IStatusBar, ISettingRegistry, ITranslator],
  activate
};

function activate(
  app: JupyterFrontEnd,
  tracker: INotebookTracker,
  extensions: IEditorExtensionRegistry,
  languages: IEditorLanguageRegistry,
  rendermime: IRenderMimeRegistry,
  palette: ICommandPalette | null,
  statusBar: IStatusBar | null,
  settings: ISettingRegistry | null,
  translator: ITranslator | null
): void {
  const words = new Words((translator ?? nullTranslator).load(DOMAIN));
  const preferences = new Preferences();
  const rootUri = PageConfig.getOption('rootUri');
  const session = new Session(app.serviceManager.serverSettings, rootUri, VERSION);
  const notebooks = new Notebooks(tracker, session, preferences, rootUri);
  const assistant = new Assistant(session, words.trans);
  const status = new Status(session, notebooks, assistant, preferences);
  const ready = new ReadyFixes(assistant);
  // What a model wrote must not fetch anything: an address can carry away what the model was shown.
  const local = rendermime.clone({ sanitizer: new LocalSanitizer(rendermime.sanitizer) });
  local.addFactory(widgetRenderer(words));
  const hover = new Hover(session, notebooks, preferences, local);

  const context = {
    assistant,
    languages,
    notebooks,
    rendermime: local,
    words,
    openScratch: (code?: string) => {
      showPanel();
      panel.openScratch(code);
    },
    announce: (sentence: string) => {
      panel.announce(sentence);
    }
  };
  const showPanel = () => {
    // Notebook 7.2's shell takes away a panel that is shown already (SidePanelHandler.expand).
    if (!panel.isVisible) {
      app.shell.activateById(panel.id);
    }
  };
  const focusPanel = () => {
    showPanel();
    panel.focusNewest();
  };
  const panel = new SidecarPanel(context, status, new Differences(assistant, words), app.commands);
  const showTask = (task: Task) => {
    showPanel();
    panel.reveal(task);
  };

  const perform = (verb: Verb, { notebook, cell }: CellPlace, wish: Wish = {}) => {
    assistant.start(verb, notebook, cell.id, { mode: preferences.runMode, ...wish });
  };
  const findings = new Findings(session, notebooks);
  const actions = new ActionsMenu(session, notebooks, words, assistant, ready, {
    perform: (verb, place, recipe) => {
      perform(verb, place, { recipe });
    },
    show: showTask,
    refused: refusal => {
      Notification.warning(words.refusal(refusal), { autoClose: 6000 });
    }
  });
  const openMenu = (cell: ICodeCellModel, { left, bottom }: DOMRect) => {
    const notebook = notebooks.notebookOf(cell);
    if (notebook) {
      void actions.open({ notebook, cell }, left, bottom);
    }
  };
  const control = async (command: 'aiNotebook.interrupt' | 'aiNotebook.restart', { notebook }: CellPlace) => {
    try {
      await status.control(command, notebook);
    } catch {
      Notification.warning(words.link(session.link), { autoClose: 4000 });
    }
  };

  notebooks.activate = id => {
    app.shell.activateById(id);
  };
  assistant.started.connect((_, task) => {
    if (task.verb !== 'scratch') {
      panel.add(task);
      if (preferences.openPanel) {
        showPanel();
      }
    }
  });
  assistant.ended.connect(() => {
    hover.forget();
  });
  status.changed.connect(() => {
    hover.forget();
  });
  session.on('window/showMessageRequest', (params, signal) => ask(params as Question, words, signal));
  session.on('window/showMessage', params => {
    Notification.emit((params as { message: string }).message, 'info', { autoClose: 6000 });
  });

  extensions.addExtension({
    name: `${ID}:cell`,
    factory: ({ model }) => {
      if (!isCodeCell(model)) {
        return null; // a file editor, a markdown cell
      }
      const options = {
        ...{ model, preferences, words, findings, ready, assistant, notebooks },
        open: openMenu,
        show: showTask,
        isOn: (cell: ICodeCellModel) => notebooks.notebookOf(cell) !== null,
        perform: (verb: Verb, cell: ICodeCellModel) => {
          const notebook = notebooks.notebookOf(cell);
          if (notebook) {
            perform(verb, { notebook, cell });
          }
        }
      };
      const marks = [lightbulb(options), errorBar(options), running(options)];
      const extensions = [...marks, hover.extension(model), findings.extension(model)];
      return EditorExtensionRegistry.createImmutableExtension(extensions);
    }
  });

  addCommands({
    commands: app.commands,
    palette,
    notebooks,
    actions,
    words,
    perform: (verb, place, mode) => {
      perform(verb, place, mode ? { mode } : {});
    },
    askPanel: () => {
      showPanel();
      panel.focusQuestion();
    },
    stop: () => {
      if (notebooks.current) {
        assistant.stopAll(notebooks.current);
      }
    },
    showVariables: () => {
      showPanel();
      panel.showVariables();
    },
    openScratch: context.openScratch,
    clearHistory: () => {
      panel.history.clear();
    },
    isOn: () => preferences.isOn(notebooks.currentPath ?? ''),
    toggle: async () => {
      const path = notebooks.currentPath;
      if (path !== null) {
        await preferences.switch(path, !preferences.isOn(path));
      }
    },
    interrupt: place => control('aiNotebook.interrupt', place),
    restart: place => control('aiNotebook.restart', place),
    showPanel: focusPanel
  });

  // Nothing of ours shows before a notebook is open; Notebook 7 loads this plugin on its other pages too.
  const appear = () => {
    if (!panel.isAttached && preferences.enabled && notebooks.currentPath !== null) {
      app.shell.add(panel, 'right', { rank: 900 });
      const item = new StatusLine(status, words, focusPanel);
      statusBar?.registerStatusItem(`${ID}:status`, { item, align: 'left', rank: 99 });
      notebooks.currentChanged.disconnect(appear);
      preferences.changed.disconnect(appear);
    }
  };
  notebooks.currentChanged.connect(appear);
  preferences.changed.connect(appear);
  void preferences.follow(settings, ID);
}

function isCodeCell(model: CodeEditor.IModel): model is ICodeCellModel {
  return 'type' in model && model.type === 'code';
}

export default plugin;
