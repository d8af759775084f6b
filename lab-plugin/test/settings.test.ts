/** Names of settings in the server's sentences are buttons; nothing else of them is changed. */
import { nullTranslator } from '@jupyterlab/translation';
import { expect, test } from 'vitest';
import { lineFor, told } from '../src/panel/settings';
import type { PanelContext } from '../src/panel/parts';
import { Words } from '../src/words';

const words = new Words(nullTranslator.load('test'));

function shown(sentence: string): { text: string; buttons: string[] } {
  const node = document.createElement('p');
  node.append(...told({ words } as PanelContext, sentence));
  return {
    text: node.textContent ?? '',
    buttons: [...node.querySelectorAll('button')].map(each => each.textContent ?? '')
  };
}

test.each([
  ['The sandbox has no network; allow it with the setting isolation.network.', ['isolation.network']],
  ['Check AI_NOTEBOOK_LS_BASE_URL; mostly it ends in /v1.', ['AI_NOTEBOOK_LS_BASE_URL']],
  [
    'Set AI_NOTEBOOK_LS_PROVIDER=openai and AI_NOTEBOOK_LS_BASE_URL=ollama, say; docs/models.md tells more.',
    ['AI_NOTEBOOK_LS_PROVIDER=openai', 'AI_NOTEBOOK_LS_BASE_URL=ollama']
  ],
  ['It has pandas.isolation.py and remote.py (docs/isolation.md).', []],
  ['Nothing to set.', []]
])('%s', (sentence, buttons) => {
  expect(shown(sentence)).toEqual({ text: sentence, buttons });
});

test('what is to be written names the table and the key, or the variable', () => {
  expect(lineFor('isolation.network')).toBe('[isolation]\nnetwork = ');
  expect(lineFor('AI_NOTEBOOK_LS_MODEL')).toBe('AI_NOTEBOOK_LS_MODEL=');
  expect(lineFor('AI_NOTEBOOK_LS_PROVIDER=openai')).toBe('AI_NOTEBOOK_LS_PROVIDER=openai');
});
