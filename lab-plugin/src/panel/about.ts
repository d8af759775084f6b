/** All about the sidecar of the notebook in front: kernel, isolation, memory, provider, key, and how to switch it off. */
import { Widget } from '@lumino/widgets';
import { element, textButton } from '../dom';
import { isChosen, type Status } from '../status';
import type { PanelContext } from './parts';
import { told } from './settings';

export class AboutView extends Widget {
  constructor(
    private readonly context: PanelContext,
    private readonly status: Status,
    private readonly off: () => void
  ) {
    const label = context.words.trans.__('About this sidecar');
    super({ node: element('section', { class: 'jp-AiNotebook-about', 'aria-label': label }) });
    this.hide();
    status.changed.connect(this.refresh, this);
    this.refresh();
  }

  private refresh(): void {
    const { words } = this.context;
    const { trans } = words;
    const { link, state } = this.status;
    if (!state) {
      this.node.replaceChildren(element('p', {}, words.link(link)));
      return;
    }
    const { provider } = state;
    const facts: [string, string | undefined][] = [
      [trans.__('Kernel'), words.kernel(state.kernel)],
      [
        trans.__('Isolation'),
        isChosen(state) ? [words.level(state.level), state.why].filter(Boolean).join('. ') : undefined
      ],
      [
        trans.__('Code of a model'),
        state.uncontained === ''
          ? trans.__('runs contained: no network, a copy of the folder')
          : state.uncontained && trans.__('asks before it runs: %1', state.uncontained)
      ],
      [trans.__('Memory'), state.memoryBytes > 0 ? words.bytes(state.memoryBytes) : undefined],
      [
        trans.__('Provider'),
        provider.name === 'builtin' ? trans.__('built in, no model') : (provider.model ?? provider.name)
      ],
      [trans.__('Not ready'), provider.why],
      [trans.__('Sends to'), provider.destination ?? trans.__('nobody: nothing leaves this machine')],
      [trans.__('Key'), provider.key === undefined ? undefined : trans.__('from %1', provider.key)]
    ];
    const list = element('dl', { class: 'jp-AiNotebook-facts' });
    for (const [name, value] of facts) {
      if (value) {
        list.append(element('dt', {}, name), element('dd', {}, ...told(this.context, value)));
      }
    }
    const off = textButton(trans.__('Switch off for this notebook'), 'jp-AiNotebook-off', this.off);
    this.node.replaceChildren(list, off);
  }
}
