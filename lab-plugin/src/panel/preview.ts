/** What a command would send to the model's server, to the byte. */
import { element } from '../dom';
import type { Preview } from '../protocol';
import { folded, Section, type PanelContext } from './parts';

export function previewView({ words }: PanelContext, preview: Preview): Section {
  const { trans } = words;
  const { destination, tokens, redactions, messages, body } = preview;
  const where = destination ?? trans.__('a model on this machine');
  const size = new TextEncoder().encode(body).length;
  const section = new Section(element('div', { class: 'jp-AiNotebook-preview' }));
  section.add(
    element('p', {}, trans.__('To %1: %2, about %3 tokens. Nothing was sent yet.', where, words.bytes(size), tokens))
  );
  if (redactions.length > 0) {
    section.add(element('p', {}, trans.__('In place of secrets: %1.', redactions.join(', '))));
  }
  for (const { role, content } of messages) {
    section.add(element('h4', {}, role));
    section.add(element('pre', { class: 'jp-AiNotebook-scroll', tabindex: '0' }, content));
  }
  section.add(
    folded([trans.__('The whole request, as it is sent')], 'jp-AiNotebook-details', details => {
      details.add(element('pre', { class: 'jp-AiNotebook-scroll', tabindex: '0' }, body));
    })
  );
  return section;
}
