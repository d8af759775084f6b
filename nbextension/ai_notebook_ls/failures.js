/** What the user's own kernel said about a cell, read from its outputs. */

/** @typedef {import('../classic').ClassicNotebook} ClassicNotebook */
/** @typedef {import('../classic').ClassicCell} ClassicCell */
/** @typedef {import('../classic').Classic} Classic */
/** @typedef {import('../../lab-plugin/src/protocol').ClientFailure} ClientFailure */

export class Failures {
  /** The text whose outputs a cell shows; classic does not keep it. @type {WeakMap<ClassicCell, string>} */
  #ran = new WeakMap();

  /** @param {Classic} classic */
  constructor({ notebook, events }) {
    const remember = (/** @type {ClassicCell} */ cell) => this.#ran.set(cell, cell.get_text());
    notebook.get_cells().forEach(remember);
    events.on('execute.CodeCell', (_, { cell }) => {
      remember(cell);
    });
  }

  /**
   * Return the error among a cell's outputs; undefined if there is none, or if the cell was edited since it ran.
   * @param {ClassicCell | undefined} cell
   * @returns {ClientFailure | undefined}
   */
  of(cell) {
    if (!cell?.output_area || this.#ran.get(cell) !== cell.get_text()) {
      return undefined;
    }
    const error = cell.output_area.outputs.findLast(({ output_type }) => output_type === 'error');
    if (!error) {
      return undefined;
    }
    const { ename, evalue, traceback } = /** @type {import('@jupyterlab/nbformat').IError} */ (error);
    return { ename, evalue, traceback };
  }
}
