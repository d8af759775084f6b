/** What the user's own kernel said about a cell, read from its outputs. */
import type { ICellModel } from '@jupyterlab/cells';
import { isCodeCellModel } from '@jupyterlab/cells';
import { isError } from '@jupyterlab/nbformat';
import type { ClientFailure } from './protocol';

/** Return the error among a cell's outputs; null if there is none, or if the cell was edited since it ran. */
export function failureOf(cell: ICellModel): ClientFailure | null {
  if (!isCodeCellModel(cell) || cell.isDirty) {
    return null;
  }
  for (let index = cell.outputs.length - 1; index >= 0; index--) {
    const output = cell.outputs.get(index).toJSON();
    if (isError(output)) {
      return { ename: output.ename, evalue: output.evalue, traceback: output.traceback };
    }
  }
  return null;
}

/** Return the line of the cell, from 0, that an IPython traceback names first, or null. */
export function failingLine(failure: ClientFailure): number | null {
  const text = withoutColours(failure.traceback.join('\n'));
  const place = /Cell In\s?\[\d+\], line (\d+)/.exec(text);
  return place ? Number(place[1]) - 1 : null;
}

/** Return text without what colours it in a terminal. */
export function withoutColours(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/\x1b\[[0-9;]*m/g, '');
}
