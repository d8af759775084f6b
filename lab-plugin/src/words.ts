/** The sentences of the page that more than one part of it says. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import type { Refusal } from './apply';
import type { KernelState, Level, Status, Verdict } from './protocol';
import type { Link } from './session';
import type { Verb } from './task';

export class Words {
  constructor(readonly trans: TranslationBundle) {}

  /** How keys are called on this machine. */
  keys(keys: string[]): string {
    return CommandRegistry.formatKeystroke(keys);
  }

  verb(verb: Verb): string {
    return {
      run: this.trans.__('Run in sidecar'),
      explain: this.trans.__('Explain'),
      fix: this.trans.__('Fix'),
      improve: this.trans.__('Improve'),
      ask: this.trans.__('Question'),
      preview: this.trans.__('What would be sent'),
      scratch: this.trans.__('Try in sidecar')
    }[verb];
  }

  verdict(verdict: Verdict): string {
    return {
      verified: this.trans.__('Works: it has run'),
      'same-error': this.trans.__('Does not help: same error'),
      'new-error': this.trans.__('Does not help: another error'),
      escape: this.trans.__('Hides the error, does not fix it'),
      unchecked: this.trans.__('Not checked')
    }[verdict];
  }

  status(status: Status): string {
    return {
      ok: this.trans.__('Ran without error'),
      error: this.trans.__('Failed'),
      timeout: this.trans.__('Stopped at the time limit'),
      interrupted: this.trans.__('Interrupted'),
      died: this.trans.__('The sidecar kernel died'),
      cancelled: this.trans.__('Stopped')
    }[status];
  }

  refusal(refusal: Refusal): string {
    return {
      closed: this.trans.__('The notebook is closed; nothing was changed.'),
      gone: this.trans.__('The cell is gone; nothing was changed.'),
      changed: this.trans.__(
        'The cell has changed since this was asked for; nothing was changed. Run again to ask anew.'
      )
    }[refusal];
  }

  level(level: Level): string {
    return {
      process: this.trans.__('process: its own process, with your rights'),
      limited: this.trans.__('limited: its own process, with limits on memory and time'),
      contained: this.trans.__('contained: no network, a copy of the folder, the rest of your files hidden'),
      sandboxed: this.trans.__('sandboxed: apart from your files, programs and network, as far as the settings say')
    }[level];
  }

  kernel(kernel: KernelState): string {
    return {
      none: this.trans.__('Sidecar ready'),
      starting: this.trans.__('Sidecar starting'),
      idle: this.trans.__('Sidecar idle'),
      busy: this.trans.__('Sidecar busy'),
      dead: this.trans.__('Sidecar kernel died')
    }[kernel];
  }

  link(link: Link): string {
    return {
      off: this.trans.__('Sidecar off'),
      connecting: this.trans.__('Sidecar connecting…'),
      ready: this.trans.__('Sidecar ready'),
      reconnecting: this.trans.__('Sidecar reconnecting…')
    }[link];
  }

  /** A cell's name: its place among all cells and, if it has run, the prompt that is seen beside it. */
  cell(number: number, prompt: number | null = null): string {
    if (number <= 0) {
      return this.trans.__('Deleted cell');
    }
    return prompt === null ? this.trans.__('Cell %1', number) : this.trans.__('Cell %1 [%2]', number, prompt);
  }

  duration(milliseconds: number): string {
    return milliseconds < 1000
      ? this.trans.__('%1 ms', Math.max(1, Math.round(milliseconds)))
      : this.trans.__('%1 s', (milliseconds / 1000).toFixed(1));
  }

  bytes(bytes: number): string {
    if (bytes < 1e3) {
      return this.trans.__('%1 B', bytes);
    }
    return bytes < 1e6
      ? this.trans.__('%1 kB', Math.round(bytes / 1e3))
      : this.trans.__('%1 MB', (bytes / 1e6).toFixed(1));
  }
}
