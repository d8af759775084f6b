/** Names of settings in what the server says: a click tells where a setting is kept, and copies what to write there. */
import { Clipboard, Dialog } from '@jupyterlab/apputils';
import { Widget } from '@lumino/widgets';
import { element, linkButton, withCode } from '../dom';
import type { PanelContext } from './parts';

const FILE = 'ai_notebook_ls.toml';
/** A variable, perhaps with its value; or a key of a table that holds nothing else but settings, and no name of a file. */
const NAME =
  /(?<![\w./])(AI_NOTEBOOK_LS_[A-Z_]+(?:=[^\s;]*[^\s;.,])?|(?:isolation|kernels|provider|remote)\.(?!md|py)[a-z_]+)/;

/** Show a sentence: code between its backticks, and the settings that it names as buttons. */
export function told(context: PanelContext, sentence: string): (Node | string)[] {
  return withCode(sentence).flatMap<Node | string>(part =>
    typeof part === 'string'
      ? part.split(NAME).map((text, index) => (index % 2 === 1 ? settingButton(context, text) : text))
      : [part]
  );
}

/** What is to be written for a setting: in the file if it is named by table and key, else in the environment. */
export function lineFor(setting: string): string {
  const [table, key] = setting.split('.');
  return setting.startsWith('AI_NOTEBOOK_LS_')
    ? setting.includes('=')
      ? setting
      : `${setting}=`
    : `[${table ?? ''}]\n${key ?? ''} = `;
}

function settingButton(context: PanelContext, setting: string): HTMLElement {
  const button = linkButton(setting, 'jp-AiNotebook-setting', () => {
    void show(context, setting);
  });
  button.title = context.words.trans.__('Where to set it');
  return button;
}

async function show({ words, announce }: PanelContext, setting: string): Promise<void> {
  const { trans } = words;
  const line = lineFor(setting);
  const where = setting.startsWith('AI_NOTEBOOK_LS_')
    ? trans.__(
        'Set it in the environment that the Jupyter server is started in; what it says wins over %1.',
        `\`${FILE}\``
      )
    : trans.__('Write it into %1, in the folder that %2 prints.', `\`${FILE}\``, '`jupyter --config-dir`');
  const why = trans.__('Settings say what code and models may do, so no page changes them. Start Jupyter again then.');
  const node = element(
    'div',
    { class: 'jp-AiNotebook-question' },
    element('p', {}, ...withCode(where)),
    element('pre', {}, line),
    element('p', {}, why)
  );
  const dialog = new Dialog({
    title: trans.__('The setting %1', setting.split('=', 1)[0]),
    body: new Widget({ node }),
    buttons: [Dialog.cancelButton({ label: trans.__('Close') }), Dialog.okButton({ label: trans.__('Copy') })]
  });
  if ((await dialog.launch()).button.accept) {
    Clipboard.copyToSystem(line);
    announce(trans.__('Copied.'));
  }
}
