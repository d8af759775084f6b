/** What a command would send to the model's server, or what was sent for an answer: to the byte. */
import { element } from '../dom';
import type { Preview, SentRequest } from '../protocol';
import { folded, Section, type PanelContext } from './parts';

export function previewView(context: PanelContext, preview: Preview): Section {
  const { trans } = context.words;
  const section = new Section(element('div', { class: 'jp-AiNotebook-preview' }));
  addRequest(section, context, preview, (...what) =>
    trans.__('To %1: %2, about %3 tokens. Nothing was sent yet.', ...what)
  );
  if (preview.later) {
    section.add(element('p', { class: 'jp-AiNotebook-notice' }, preview.later));
  }
  return section;
}

/** All requests for one answer, in the order in which they went. */
export function sentView(context: PanelContext, requests: SentRequest[]): Section {
  const { trans } = context.words;
  const section = new Section(element('div', { class: 'jp-AiNotebook-preview jp-AiNotebook-wasSent' }));
  requests.forEach((request, index) => {
    addRequest(section, context, request, (...what) =>
      trans.__('Request %1 of %2, sent to %3: %4, about %5 tokens.', index + 1, requests.length, ...what)
    );
  });
  if (requests.length === 0) {
    section.add(element('p', {}, trans.__('It is not kept any more.')));
  }
  return section;
}

function addRequest(
  section: Section,
  { words }: PanelContext,
  { destination, tokens, redactions, messages, body }: SentRequest,
  head: (where: string, size: string, tokens: number) => string
): void {
  const { trans } = words;
  const where = destination ?? trans.__('a model on this machine');
  const size = new TextEncoder().encode(body).length;
  section.add(element('p', {}, head(where, words.bytes(size), tokens)));
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
}
