/** A change side by side with what is there, in a dialog: the panel is too narrow for two columns. */
import { MergeView } from '@codemirror/merge';
import type { Extension } from '@codemirror/state';
import { Dialog } from '@jupyterlab/apputils';
import { Widget } from '@lumino/widgets';
import { element } from '../dom';
import { languageSupport, readOnly, type Difference } from './diff';
import type { PanelContext } from './parts';

/** Show the differences; resolves with whether they are to be applied, where that can be asked for. */
export async function showSideBySide(
  context: PanelContext,
  title: string,
  differences: Difference[],
  canApply: boolean
): Promise<boolean> {
  const { trans } = context.words;
  const body = new Widget({ node: element('div', { class: 'jp-AiNotebook-sideBySide' }) });
  const views: MergeView[] = [];
  for (const difference of differences) {
    const language = await languageSupport(context.languages, difference.language);
    const side = (doc: string, label: string): { doc: string; extensions: Extension } => ({
      doc,
      extensions: [readOnly(label), language]
    });
    body.node.append(
      element('h4', {}, difference.label),
      element(
        'div',
        { class: 'jp-AiNotebook-sides' },
        element('span', {}, trans.__('Now')),
        element('span', {}, trans.__('After'))
      )
    );
    views.push(
      new MergeView({
        a: side(difference.before, trans.__('Now')),
        b: side(difference.after, trans.__('After')),
        parent: body.node,
        gutter: true,
        collapseUnchanged: {}
      })
    );
  }
  const dialog = new Dialog({
    title,
    body,
    buttons: [
      Dialog.cancelButton({ label: trans.__('Close') }),
      ...(canApply ? [Dialog.okButton({ label: trans.__('Apply') })] : [])
    ],
    defaultButton: 0
  });
  dialog.addClass('jp-AiNotebook-wide');
  const { button } = await dialog.launch();
  views.forEach(view => {
    view.destroy();
  });
  return button.accept;
}
