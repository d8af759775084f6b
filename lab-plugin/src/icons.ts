/** Our own icons; the colours come from the theme by the `jp-icon*` classes or by `currentColor`. */
import { LabIcon } from '@jupyterlab/ui-components';
import type { Verdict } from './protocol';

function icon(name: string, body: string): LabIcon {
  const svgstr = `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">${body}</svg>`;
  return new LabIcon({ name: `ai-notebook-ls:${name}`, svgstr });
}

function themed(name: string, path: string): LabIcon {
  return icon(name, `<path class="jp-icon3 jp-icon-selectable" fill="#616161" d="${path}"/>`);
}

function coloured(name: string, path: string): LabIcon {
  return icon(name, `<path fill="currentColor" d="${path}"/>`);
}

const BULB =
  'M9 21h6v-1.5H9V21zm3-19a7 7 0 0 0-4 12.74V17.5h8v-2.76A7 7 0 0 0 12 2zm2.2 11.4-.2.2v1.9h-4v-1.9l-.2-.2A5 5 0 1 1 14.2 13.4z';
const DISC = 'M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20z';

export const panelIcon = themed('panel', BULB);
export const bulbIcon = coloured('bulb', BULB);
export const bulbFilledIcon = coloured(
  'bulb-filled',
  'M9 21h6v-1.5H9V21zm3-19a7 7 0 0 0-4 12.74V17.5h8v-2.76A7 7 0 0 0 12 2z'
);
export const fixIcon = themed(
  'fix',
  'm21.7 18.6-8.3-8.3a5.5 5.5 0 0 0-7.2-7L9.5 6.6 6.6 9.5 3.3 6.2a5.5 5.5 0 0 0 7 7.2l8.3 8.3a1 1 0 0 0 1.4 0l1.7-1.7a1 1 0 0 0 0-1.4z'
);
export const improveIcon = themed(
  'improve',
  'M9 4l1.6 4.4L15 10l-4.4 1.6L9 16l-1.6-4.4L3 10l4.4-1.6zm9 8l1.1 2.9L22 16l-2.9 1.1L18 20l-1.1-2.9L14 16l2.9-1.1z'
);
export const askIcon = themed(
  'ask',
  'M4 3h16a1 1 0 0 1 1 1v12a1 1 0 0 1-1 1H9l-5 4V4a1 1 0 0 1 1-1zm2 3v2h12V6H6zm0 4v2h9v-2H6z'
);
export const foldIcon = themed('fold', 'M7.4 8.6 12 13.2l4.6-4.6L18 10l-6 6-6-6z');
export const pinIcon = themed('pin', 'M16 9V4h1V2H7v2h1v5a3 3 0 0 1-3 3v2h6v7l1 1 1-1v-7h6v-2a3 3 0 0 1-3-3z');
export const runIcon = themed('run', 'M8 5v14l11-7z');
export const explainIcon = themed(
  'explain',
  'M11 17h2v-6h-2v6zm0-8h2V7h-2v2zm1-7a10 10 0 1 0 0 20 10 10 0 0 0 0-20zm0 18a8 8 0 1 1 0-16 8 8 0 0 1 0 16z'
);

export const verdictIcons: Record<Verdict, LabIcon> = {
  verified: coloured('verified', `${DISC}m-2 15-5-5 1.4-1.4 3.6 3.6 7.6-7.6L19 8l-9 9z`),
  'same-error': coloured(
    'same-error',
    `${DISC}m5 13.6L15.6 17 12 13.4 8.4 17 7 15.6l3.6-3.6L7 8.4 8.4 7l3.6 3.6L15.6 7 17 8.4 13.4 12l3.6 3.6z`
  ),
  'new-error': coloured('new-error', `${DISC}m1 15h-2v-2h2v2zm0-4h-2V7h2v6z`),
  escape: coloured('escape', 'M1 21h22L12 2 1 21zm12-3h-2v-2h2v2zm0-4h-2v-4h2v4z'),
  unchecked: coloured(
    'unchecked',
    `${DISC}m1 17h-2v-2h2v2zm2.1-7.7-.9.9c-.7.7-1.2 1.3-1.2 2.8h-2v-.5c0-1.1.5-2.1 1.2-2.8l1.2-1.3A2 2 0 1 0 10 9H8a4 4 0 1 1 7.1 2.3z`
  )
};
