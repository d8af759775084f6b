/** After whatever happens to a notebook, the server has what the notebook has; edits give the text that they promise. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyEdits, revertEdits } from '../ai_notebook_ls/edits.js';
import { SyncedNotebook, cellId } from '../ai_notebook_ls/sync.js';

const SEQUENCES = 2000;
const OPERATIONS = 30;

/** A pseudo-random number generator (mulberry32), so that a failure can be had again by its seed. */
function random(seed) {
  return limit => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

class Cell {
  metadata = {};
  isEditable = true;

  constructor(id, cell_type, text) {
    Object.assign(this, { id, cell_type, text });
    this.code_mirror = {
      posFromIndex: index => index,
      replaceRange: (text, from, to) => {
        this.text = this.text.slice(0, from) + text + this.text.slice(to);
      }
    };
  }

  get_text() {
    return this.text;
  }

  is_editable() {
    return this.isEditable;
  }
}

/** What classic lets a user do; cells that were deleted can come back with their id. */
class Notebook {
  notebook_path = 'a folder/ü.ipynb';
  metadata = { kernelspec: { name: 'python3', language: 'python' } };
  cells = [];
  deleted = [];
  #made = 0;

  get_cells() {
    return [...this.cells];
  }

  insert(at, cell = new Cell(`id-${this.#made++}`, ['code', 'code', 'markdown', 'raw'][this.#made % 4], '')) {
    this.cells.splice(at, 0, cell);
  }

  operate(pick) {
    const { cells, deleted } = this;
    const at = pick(cells.length + 1);
    const cell = cells[at];
    const operations = [
      () => this.insert(at),
      () => cell && (cell.text += ['x', '\n', '🙂', '# %%'][pick(4)]),
      () => cell && deleted.push(...cells.splice(at, 1 + pick(2))),
      () => deleted.length > 0 && this.insert(at, deleted.splice(pick(deleted.length), 1)[0]),
      () => cell && cells.splice(pick(cells.length), 0, ...cells.splice(at, 1 + pick(2))),
      () => cell && this.insert(at, new Cell(cell.id, cell.cell_type, 'the same id again')),
      () => pick(8) === 0 && (this.notebook_path = `a folder/${pick(3)}.ipynb`),
      () =>
        pick(8) === 0 && (this.metadata = { language_info: { name: ['python', 'r'][pick(2)], version: `${pick(9)}` } })
    ];
    operations[pick(operations.length)]();
  }
}

/** What a server makes of what it is sent; it is as strict as LSP lets it be. */
class Server extends EventTarget {
  rootUri = 'file:///srv/root%20folder';
  link = 'ready';
  open = new Map();
  versions = new Map();

  notify(method, params) {
    this[method.split('/')[1]](params);
  }

  didOpen({ notebookDocument: { uri, cells, metadata, version }, cellTextDocuments }) {
    assert.ok(!this.open.has(uri), 'it was closed before');
    const notebook = { cells, metadata, version, texts: new Map() };
    cellTextDocuments.forEach(document => this.#openText(notebook, document));
    this.open.set(uri, notebook);
  }

  didClose({ notebookDocument: { uri }, cellTextDocuments }) {
    const uris = cellTextDocuments.map(document => document.uri).sort();
    assert.deepEqual(uris, [...this.open.get(uri).texts.keys()].sort());
    this.open.delete(uri);
  }

  didChange({ notebookDocument: { uri, version }, change: { metadata, cells = {} } }) {
    const notebook = this.open.get(uri);
    assert.ok(version > notebook.version);
    Object.assign(notebook, { version, ...(metadata && { metadata }) });
    if (cells.structure) {
      const { array, didOpen, didClose } = cells.structure;
      notebook.cells.splice(array.start, array.deleteCount, ...array.cells);
      didClose.forEach(document => assert.ok(notebook.texts.delete(document.uri)));
      didOpen.forEach(document => this.#openText(notebook, document));
    }
    for (const { document, changes } of cells.textContent ?? []) {
      assert.ok(document.version > notebook.texts.get(document.uri).version);
      notebook.texts.set(document.uri, { ...notebook.texts.get(document.uri), ...document, text: changes[0].text });
      this.versions.set(document.uri, document.version);
    }
  }

  restart() {
    this.open.clear();
    this.dispatchEvent(new Event('initialized'));
  }

  #openText(notebook, document) {
    assert.ok(!notebook.texts.has(document.uri));
    assert.ok(document.version > (this.versions.get(document.uri) ?? 0), 'versions only grow');
    this.versions.set(document.uri, document.version);
    notebook.texts.set(document.uri, document);
  }
}

test(`the server keeps up over ${SEQUENCES} sequences of operations`, () => {
  for (let seed = 0; seed < SEQUENCES; seed++) {
    const [pick, notebook, server] = [random(seed), new Notebook(), new Server()];
    const synced = new SyncedNotebook(notebook, server);
    for (let done = 0; done < OPERATIONS; done++) {
      notebook.operate(pick);
      if (pick(20) === 0) {
        server.restart();
      } else if (pick(3) === 0) {
        synced.flush();
      }
    }
    synced.flush();
    assert.deepEqual([...server.open.keys()], [synced.uri], `seed ${seed}`);
    const { cells, texts, metadata } = server.open.get(synced.uri);
    const seen = new Set();
    const ours = notebook.cells.filter(({ id }) => !seen.has(id) && seen.add(id));
    const language = notebook.metadata.language_info?.name ?? 'python';
    const told = cells.map(({ document, kind }) => [cellId(document), kind, texts.get(document).text]);
    const languages = cells.map(({ document }) => texts.get(document).languageId);
    assert.deepEqual(
      told,
      ours.map(({ id, cell_type, text }) => [id, cell_type === 'code' ? 2 : 1, text]),
      `seed ${seed}`
    );
    const names = { code: language, markdown: 'markdown', raw: 'plaintext' };
    assert.deepEqual(
      languages,
      ours.map(({ cell_type }) => names[cell_type]),
      `seed ${seed}`
    );
    assert.deepEqual(metadata.language_info, notebook.metadata.language_info ?? {}, `seed ${seed}`);
    assert.equal(texts.size, ours.length, `seed ${seed}`);
  }
});

test('an edit gives its text, and taken back the text before', () => {
  const pick = random(1);
  const text = () => Array.from({ length: pick(9) }, () => ['a', 'b', '\n', '🙂', 'é'][pick(5)]).join('');
  for (let round = 0; round < SEQUENCES; round++) {
    const cells = [new Cell('1', 'code', text()), new Cell('2', 'code', text())];
    const before = cells.map(cell => cell.text);
    const asked = new Map(cells.map(({ id, text }) => [id, { version: 3, source: text }]));
    const edits = cells.map(({ id }) => ({ uri: `file:///n#${id}`, version: 3, newText: text() }));
    const after = edits.map(({ newText }) => newText);
    assert.equal(applyEdits({ cells }, edits, asked), null);
    const now = () => cells.map(cell => cell.text);
    assert.deepEqual(now(), after);
    assert.equal(revertEdits({ cells }, edits, asked), null);
    assert.deepEqual(now(), before);
    // All cells or none.
    cells[1].text += 'more';
    assert.equal(applyEdits({ cells }, edits, asked), 'changed');
    assert.equal(cells[0].text, before[0]);
    assert.equal(applyEdits({ cells: cells.slice(1) }, edits, asked), 'gone');
    cells[0].isEditable = false;
    assert.equal(applyEdits({ cells }, edits, asked), 'locked');
  }
});
