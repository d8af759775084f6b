/** The sentences of the page that more than one part of it says. */

/** @typedef {import('../../lab-plugin/src/protocol').State} State */

/** @type {Record<import('./task.js').Verb, string>} */
export const VERBS = { explain: 'Explain', fix: 'Fix', run: 'Run in sidecar' };

/** @type {Record<import('../../lab-plugin/src/protocol').Verdict, string>} */
export const VERDICTS = {
  verified: 'Works: it has run',
  'same-error': 'Does not help: same error',
  'new-error': 'Does not help: another error',
  escape: 'Hides the error, does not fix it',
  unchecked: 'Not checked'
};

/** @type {Record<import('../../lab-plugin/src/protocol').Status, string>} */
export const STATUSES = {
  ok: 'Ran without error',
  error: 'Failed',
  timeout: 'Stopped at the time limit',
  interrupted: 'Interrupted',
  died: 'The sidecar kernel died',
  cancelled: 'Stopped'
};

/** @type {Record<import('./edits.js').Refusal, string>} */
export const REFUSALS = {
  gone: 'The cell is gone; nothing was changed.',
  locked: 'The cell is read-only; nothing was changed.',
  changed: 'The cell has changed since this was asked for; nothing was changed. Ask again to have it looked at anew.'
};

/** @type {Record<import('../../lab-plugin/src/protocol').Confidence, string>} */
export const CONFIDENCES = { certain: 'certain', likely: 'likely', guess: 'a guess', action: 'nothing to change' };

/** @type {Record<import('../../lab-plugin/src/protocol').Level, string>} */
export const LEVELS = {
  process: 'process: its own process, with your rights',
  limited: 'limited: its own process, with limits on memory and time',
  contained: 'contained: no network, a copy of the folder, the rest of your files hidden',
  sandboxed: 'sandboxed: apart from your files, programs and network, as far as the settings say'
};

/** @type {Record<import('../../lab-plugin/src/protocol').KernelState, string>} */
export const KERNELS = {
  none: 'Sidecar ready',
  starting: 'Sidecar starting',
  idle: 'Sidecar idle',
  busy: 'Sidecar busy',
  dead: 'Sidecar kernel died'
};

/** @type {Record<import('./session.js').Link, string>} */
export const LINKS = {
  connecting: 'Sidecar connecting…',
  ready: 'Sidecar ready',
  reconnecting: 'Sidecar reconnecting…'
};

/**
 * A cell's name: its place among all cells and, if it has run, the prompt that is seen beside it.
 * @param {number} number
 * @param {number | string | null} [prompt]
 */
export function cellName(number, prompt) {
  return number > 0 ? `Cell ${number}${prompt ? ` [${prompt}]` : ''}` : 'Deleted cell';
}

/** @param {number} milliseconds */
export function duration(milliseconds) {
  return milliseconds < 1000 ? `${Math.max(1, Math.round(milliseconds))} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}

/** @param {number} count */
export function bytes(count) {
  return count < 1e6 ? `${Math.max(1, Math.round(count / 1e3))} kB` : `${(count / 1e6).toFixed(1)} MB`;
}

/**
 * Whether the level is known: it is chosen a moment after a notebook is opened, and `process` is never without a reason.
 * @param {State} state
 */
export function isChosen({ level, why }) {
  return level !== 'process' || why !== undefined;
}

/**
 * All about the sidecar of this notebook: isolation, memory, provider.
 * @param {State} state
 */
export function about(state) {
  const { level, why, uncontained, memoryBytes, provider } = state;
  return [
    isChosen(state) ? `Isolation is ${LEVELS[level]}.` : '',
    why ?? '',
    uncontained ? `Code that you did not write asks before it runs: ${uncontained}` : '',
    memoryBytes > 0 ? `Memory: ${bytes(memoryBytes)}.` : '',
    provider.destination === undefined
      ? `Provider: ${provider.model ?? provider.name}. Nothing leaves this machine.`
      : `Provider: ${provider.model ?? provider.name}, at ${provider.destination}.`,
    provider.ready ? '' : (provider.why ?? '')
  ].filter(Boolean);
}
