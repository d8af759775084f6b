// What the installed jupyterlab-lsp makes of cells, by its own source (it is in the extension's source map).
// Arguments: the source map, TypeScript's module. Stdin: a JSON list of sources. Stdout: a JSON list of blocks.
const fs = require('fs');
const [, , map, typescript] = process.argv;
const ts = require(typescript);
const { sources, sourcesContent } = JSON.parse(fs.readFileSync(map, 'utf8'));

function load(path, required = {}) {
  const text = sourcesContent[sources.findIndex(each => each.endsWith(path))];
  const { outputText } = ts.transpileModule(text, { compilerOptions: { module: 'commonjs', target: 'es2022' } });
  const module = { exports: {} };
  new Function('module', 'exports', 'require', outputText)(module, module.exports, name => required[name] ?? {});
  return module.exports;
}

const { overrides } = load('src/transclusions/ipython/overrides.ts');
const { ReversibleOverridesMap } = load('src/overrides/maps.ts');
const cells = new ReversibleOverridesMap(overrides.filter(each => each.scope === 'cell'));
const lines = new ReversibleOverridesMap(overrides.filter(each => each.scope === 'line'));
// As prepareCodeBlock of its virtual/document.ts does.
const block = source => cells.overrideFor(source)?.split('\n') ?? lines.replaceAll(source.split('\n')).lines;
process.stdout.write(JSON.stringify(JSON.parse(fs.readFileSync(0, 'utf8')).map(block)));
