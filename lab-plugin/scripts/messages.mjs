/**
 * Write the catalogue template for translators: all that the page and the settings say (gettext, locale/ai_notebook_ls.pot).
 *
 * `--check` only compares: a sentence that is not in the template would stay English in every language.
 * JupyterLab's language packs take templates of this form (jupyterlab-translate); its own extractor is not run here, since it
 * looks for `trans.__` by regular expressions and misses calls that prettier breaks over lines.
 */
import fs from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

const root = path.join(import.meta.dirname, '..');
const target = path.join(root, 'locale', 'ai_notebook_ls.pot');
const messages = new Map();

function add(singular, { plural, context, place }) {
  const key = `${context ?? ''}\u0004${singular}`;
  const known = messages.get(key) ?? { singular, plural, context, places: new Set() };
  known.places.add(place);
  messages.set(key, known);
}

function visit(node, place) {
  if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
    const [first, second] = node.arguments;
    const { text: method } = node.expression.name;
    if (method === '__' || method === '_n') {
      if (!ts.isStringLiteralLike(first)) {
        throw new Error(`${place}: only a literal can be translated: ${node.getText()}`);
      }
      add(first.text, { plural: method === '_n' ? second.text : undefined, place });
    }
  }
  ts.forEachChild(node, child => visit(child, place));
}

for (const file of fs.readdirSync(path.join(root, 'src'), { recursive: true }).sort()) {
  if (file.endsWith('.ts')) {
    const text = fs.readFileSync(path.join(root, 'src', file), 'utf8');
    const place = `src/${file.split(path.sep).join('/')}`;
    visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true), place);
  }
}

const schema = JSON.parse(fs.readFileSync(path.join(root, 'schema', 'plugin.json'), 'utf8'));
for (const part of [schema, ...Object.values(schema.properties)]) {
  for (const field of ['title', 'description']) {
    add(part[field], { context: 'schema', place: 'schema/plugin.json' });
  }
}

const quoted = text => JSON.stringify(text);
const entries = [...messages.values()].map(({ singular, plural, context, places }) =>
  [
    `#: ${[...places].join(' ')}`,
    ...(context ? [`msgctxt ${quoted(context)}`] : []),
    `msgid ${quoted(singular)}`,
    ...(plural ? [`msgid_plural ${quoted(plural)}`, 'msgstr[0] ""', 'msgstr[1] ""'] : ['msgstr ""'])
  ].join('\n')
);
const head = ['msgid ""', 'msgstr ""', quoted('Content-Type: text/plain; charset=UTF-8\n'), quoted('Language: \n')];
const template = `${head.join('\n')}\n\n${entries.join('\n\n')}\n`;

if (process.argv.includes('--check')) {
  if (!fs.existsSync(target) || fs.readFileSync(target, 'utf8') !== template) {
    console.error("locale/ai_notebook_ls.pot is not what the sources say: run 'npm --prefix lab-plugin run messages'");
    process.exit(1);
  }
} else {
  fs.mkdirSync(path.dirname(target), { recursive: true });
  fs.writeFileSync(target, template);
}
