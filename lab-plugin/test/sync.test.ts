/** After whatever was done to a notebook, the server holds what the notebook holds. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SyncedNotebook } from '../src/sync';
import { OpenNotebook, type CellType, type NewCell, type Operation } from './notebook';
import { ROOT_URI, Sidecar, type Held } from './sidecar';
import { text } from './texts';

/** How many sequences are tried: `npm run test:long` tries 2,000. */
const SEQUENCES = Number(process.env['SEQUENCES'] ?? 150);
/** Given to repeat a failure, as it was printed. */
const SEED = Number(process.env['SEED'] ?? Date.now() & 0x7fffffff);

type Step = Operation | { does: 'flush' } | { does: 'reconnect' };

const cellType = fc.constantFrom<CellType>('code', 'code', 'markdown', 'raw');
// What is no character, half of one that was split, is read by the server as the replacement character.
const LONE_SURROGATE = /\p{Surrogate}/gu;

const cell: fc.Arbitrary<NewCell> = fc.record({ type: cellType, source: text });
const path = fc.constantFrom('a.ipynb', 'work/ü ß.ipynb', 'C#/50%.ipynb', 'what?/a%20b.ipynb', 'x;y/[1]:&=+$,@~.ipynb');
const at = fc.nat({ max: 40 });

function step(does: Step['does'], weight: number, more: object = {}): fc.WeightedArbitrary<Step> {
  return { weight, arbitrary: fc.record({ does: fc.constant(does), ...more }) as unknown as fc.Arbitrary<Step> };
}

const steps = fc.array(
  fc.oneof(
    step('type', 12, { at, offset: at, remove: fc.nat({ max: 3 }), text }),
    step('insert', 6, { place: at, cell }),
    step('delete', 4, { at }),
    step('move', 4, { at, to: at }),
    step('split', 3, { at, offset: at }),
    step('merge', 3, { at }),
    step('retype', 4, { at, type: cellType }),
    step('pause', 3),
    step('undo', 4),
    step('redo', 2),
    step('undoInCell', 2, { at }),
    step('redoInCell', 1, { at }),
    step('time', 1, { at, seconds: fc.nat({ max: 90 }) }),
    step('reload', 1, { sources: fc.array(text, { maxLength: 5 }) }),
    step('rename', 1, { path }),
    step('language', 1, {
      name: fc.constantFrom('python', 'R', 'julia', ''),
      of: fc.constantFrom('kernelspec', 'language_info')
    }),
    step('flush', 8),
    step('reconnect', 1)
  ),
  { maxLength: 30 }
);

let sidecar: Sidecar;

beforeAll(async () => {
  sidecar = await Sidecar.start();
  sidecar.session.start();
  await sidecar.session.ready();
}, 30_000);

afterAll(() => {
  sidecar.session.stop();
  sidecar.end();
});

/** What the server must hold, read from the notebook and by nothing of what sends it. */
function expected({ model, context }: OpenNotebook, synced: SyncedNotebook): Held {
  const { kernelspec, language_info } = model.sharedModel.metadata;
  const language = language_info?.name || (kernelspec?.['language'] as string | undefined) || 'python';
  const cells = [...model.cells].map(({ id, type, sharedModel }) => ({
    id,
    kind: type === 'code' ? 'code' : 'markdown',
    languageId: type === 'code' ? language : type === 'raw' ? 'plaintext' : 'markdown',
    source: sharedModel.source.replace(LONE_SURROGATE, '\uFFFD'),
    version: synced.version(id),
    tookMs: tookMs(sharedModel.getMetadata('execution'))
  }));
  return {
    path: `${decodeURIComponent(ROOT_URI.slice('file://'.length))}/${context.localPath}`,
    language,
    cells,
    documents: cells.length
  };
}

function tookMs(times: unknown): number | null {
  const { 'shell.execute_reply': reply } = (times ?? {}) as { 'shell.execute_reply'?: string };
  return reply === undefined ? null : Date.parse(reply);
}

async function follow(opened: OpenNotebook, sequence: Step[]): Promise<void> {
  const synced = new SyncedNotebook(opened.context, sidecar.session, ROOT_URI);
  const compare = async () => {
    synced.flush();
    expect(await sidecar.held(synced.uri)).toEqual(expected(opened, synced));
  };
  try {
    for (const each of sequence) {
      if (each.does === 'flush') {
        await compare();
      } else if (each.does === 'reconnect') {
        await sidecar.reconnect();
      } else {
        opened.do(each);
      }
    }
    await compare();
  } finally {
    synced.dispose();
    opened.model.dispose();
  }
  expect(await sidecar.held(synced.uri)).toBeNull();
}

test(`${SEQUENCES} random sequences of operations, seed ${SEED}`, { timeout: 15_000 + SEQUENCES * 1000 }, async () => {
  const property = fc.asyncProperty(
    fc.array(cell, { maxLength: 6 }),
    path,
    fc.boolean(),
    steps,
    async (cells, first, perCellUndo, sequence) => {
      await follow(new OpenNotebook(cells, first, perCellUndo), sequence);
    }
  );
  await fc.assert(property, { numRuns: SEQUENCES, seed: SEED, interruptAfterTimeLimit: undefined });
});

test('a notebook of another drive is not taken for a file of its name', () => {
  const uri = (drive: string) => {
    const { context } = new OpenNotebook([]);
    const synced = new SyncedNotebook({ ...context, path: `${drive}${context.localPath}` }, sidecar.session, ROOT_URI);
    const { uri } = synced;
    synced.dispose();
    return uri;
  };
  expect(uri('RTC:')).toBe(uri(''));
  expect(uri('S3:')).toBe('jupyter-drive:/S3/notebook.ipynb');
});
