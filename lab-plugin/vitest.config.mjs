import { readFile } from 'node:fs/promises';
import { defineConfig } from 'vitest/config';

/** JupyterLab's icons are imported as text, by webpack's rule for `.svg`. */
const svgAsText = {
  name: 'svg-as-text',
  enforce: 'pre',
  async load(id) {
    return id.endsWith('.svg') ? `export default ${JSON.stringify(await readFile(id, 'utf8'))}` : undefined;
  }
};

export default defineConfig({
  plugins: [svgAsText],
  test: {
    environment: 'jsdom',
    environmentOptions: { jsdom: { pretendToBeVisual: true } },
    setupFiles: ['test/page.ts'],
    testTimeout: 60_000, // a busy machine is no failure
    include: ['test/**/*.test.ts'],
    // Jupyter's packages are ES modules that do not say so: Node cannot import them as they are.
    server: { deps: { inline: [/@jupyter/, /@lumino/, /@codemirror/, /y-protocols/] } },
    // yjs, about cells that are made before they are put into a document, as @jupyter/ydoc does.
    onConsoleLog: log => !/Add Yjs type to a document|yjs#509|Clipboard API/.test(log),
    // All files share one page and its modules: JupyterLab takes longer to import than most of them take to run.
    isolate: false,
    fileParallelism: false,
    experimental: { fsModuleCache: true }
  }
});
