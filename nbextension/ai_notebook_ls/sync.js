/**
 * The open notebook, kept the same on the server: `notebookDocument/*` with nbformat's cell ids.
 *
 * The server is told before each request, from a look at the whole notebook, and of nothing in between: classic has
 * no event for every way in which cells change, and typing costs nothing this way.
 */

/** @typedef {import('../classic').ClassicNotebook} ClassicNotebook */
/** @typedef {import('../classic').ClassicCell} ClassicCell */
/** @typedef {import('./session.js').Session} Session */
/** @typedef {{version: number, source: string}} CellSnapshot */
/** @typedef {{uri: string, language: string, metadata: string, cells: ClassicCell[]}} Told */

const MARKUP = 1;
const CODE = 2;

export class SyncedNotebook {
  /** What the server has; null while it has nothing. @type {Told | null} */
  #told = null;
  /** The text of each cell that the server has. @type {Map<string, string>} */
  #texts = new Map();
  /** Versions only grow, also over a reconnection: what was asked before it is then never taken for current. */
  /** @type {Map<string, number>} */
  #versions = new Map();
  #version = 0;
  #notebook;
  #session;

  /**
   * @param {ClassicNotebook} notebook
   * @param {Session} session
   */
  constructor(notebook, session) {
    this.#notebook = notebook;
    this.#session = session;
    session.addEventListener('initialized', () => {
      this.#told = null;
      this.flush();
    });
  }

  /** The `file:` URI of the notebook's real path. */
  get uri() {
    const path = this.#notebook.notebook_path.split('/').map(encodeURIComponent).join('/');
    // Without a folder it is a notebook that is in none, as an unsaved one.
    return `${this.#session.rootUri.replace(/\/$/, '') || 'jupyter:'}/${path}`;
  }

  /** @param {string} id */
  cellUri(id) {
    return `${this.uri}#${id}`;
  }

  /** @returns {ClassicCell[]} */
  get cells() {
    // A file may give two cells the same id, though nbformat forbids it; the first keeps it.
    const seen = new Set();
    return this.#notebook.get_cells().filter(({ id }) => !seen.has(id) && seen.add(id));
  }

  /** @param {string} id */
  cell(id) {
    return this.#notebook.get_cells().find(cell => cell.id === id);
  }

  /**
   * What people call a cell: its place, from 1; 0 if it is gone.
   * @param {string} id
   */
  number(id) {
    return this.#notebook.get_cells().findIndex(cell => cell.id === id) + 1;
  }

  /** @param {string} id */
  version(id) {
    return this.#versions.get(id) ?? 1;
  }

  /** @returns {Map<string, CellSnapshot>} */
  snapshot() {
    return new Map(this.cells.map(cell => [cell.id, { version: this.version(cell.id), source: cell.get_text() }]));
  }

  /** Send what has changed, so that the next request is about what the user sees. */
  flush() {
    if (this.#told && (this.#told.uri !== this.uri || this.#told.language !== this.#language)) {
      this.close(); // a text document cannot change its name or its language
    }
    if (!this.#told) {
      this.#open();
      return;
    }
    if (this.#told.metadata !== this.#metadata) {
      this.#told.metadata = this.#metadata;
      this.#didChange({ metadata: JSON.parse(this.#metadata) });
    }
    this.#restructure(this.#told);
    this.#sendTexts();
  }

  close() {
    if (this.#told) {
      this.#session.notify('notebookDocument/didClose', {
        notebookDocument: { uri: this.#told.uri },
        cellTextDocuments: this.#told.cells.map(({ id }) => ({ uri: `${this.#told?.uri ?? ''}#${id}` }))
      });
      this.#told = null;
    }
  }

  #open() {
    const { uri, cells } = this;
    this.#texts.clear();
    this.#session.notify('notebookDocument/didOpen', {
      notebookDocument: {
        uri,
        notebookType: 'jupyter-notebook',
        version: ++this.#version,
        metadata: JSON.parse(this.#metadata),
        cells: cells.map(cell => this.#notebookCell(cell))
      },
      cellTextDocuments: cells.map(cell => this.#textDocument(cell))
    });
    this.#told = { uri, language: this.#language, metadata: this.#metadata, cells };
  }

  /**
   * Send the smallest replacement that makes the server's list of cells ours.
   * @param {{cells: ClassicCell[]}} told
   */
  #restructure(told) {
    const [before, now] = [told.cells, this.cells];
    const shortest = Math.min(before.length, now.length);
    let head = 0;
    while (head < shortest && now[head]?.id === before[head]?.id) {
      head++;
    }
    let tail = 0;
    while (tail < shortest - head && now.at(-1 - tail)?.id === before.at(-1 - tail)?.id) {
      tail++;
    }
    const added = now.slice(head, now.length - tail);
    const removed = before.slice(head, before.length - tail);
    told.cells = now;
    if (added.length === 0 && removed.length === 0) {
      return;
    }
    const isIn = (/** @type {ClassicCell[]} */ cells, /** @type {ClassicCell} */ { id }) =>
      cells.some(cell => cell.id === id);
    const array = { start: head, deleteCount: removed.length, cells: added.map(cell => this.#notebookCell(cell)) };
    const didOpen = added.filter(cell => !isIn(removed, cell)).map(cell => this.#textDocument(cell));
    const didClose = removed.filter(cell => !isIn(added, cell)).map(({ id }) => ({ uri: this.cellUri(id) }));
    this.#didChange({ cells: { structure: { array, didOpen, didClose } } });
  }

  #sendTexts() {
    const changed = this.cells.filter(cell => this.#texts.get(cell.id) !== cell.get_text());
    if (changed.length > 0) {
      const textContent = changed.map(cell => {
        const { uri, version, text } = this.#textDocument(cell);
        return { document: { uri, version }, changes: [{ text }] };
      });
      this.#didChange({ cells: { textContent } });
    }
  }

  /** @param {object} change */
  #didChange(change) {
    this.#session.notify('notebookDocument/didChange', {
      notebookDocument: { uri: this.uri, version: ++this.#version },
      change
    });
  }

  /** @param {ClassicCell} cell */
  #notebookCell({ id, cell_type, metadata }) {
    const cell = { kind: cell_type === 'code' ? CODE : MARKUP, document: this.cellUri(id) };
    // When it last ran in the user's kernel, if something keeps times.
    return metadata['execution'] === undefined ? cell : { ...cell, metadata: { execution: metadata['execution'] } };
  }

  /** @param {ClassicCell} cell */
  #textDocument(cell) {
    const text = cell.get_text();
    this.#texts.set(cell.id, text);
    this.#versions.set(cell.id, (this.#versions.get(cell.id) ?? 0) + 1);
    const languageId = { code: this.#language, markdown: 'markdown', raw: 'plaintext' }[cell.cell_type];
    return { uri: this.cellUri(cell.id), languageId, version: this.version(cell.id), text };
  }

  get #language() {
    const { kernelspec, language_info } = this.#notebook.metadata;
    return language_info?.name ?? kernelspec?.language ?? 'python';
  }

  get #metadata() {
    const { kernelspec = {}, language_info = {} } = this.#notebook.metadata;
    return JSON.stringify({ kernelspec, language_info });
  }
}

/**
 * Return the id in a cell's URI: what follows the `#`.
 * @param {string} uri
 */
export function cellId(uri) {
  return uri.slice(uri.lastIndexOf('#') + 1);
}
