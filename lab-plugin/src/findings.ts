/** What the server tells of cells before they run: underlined, said where the mouse or the cursor is. */
import { StateEffect, StateField, type Extension, type Text } from '@codemirror/state';
import { Decoration, EditorView, hoverTooltip, ViewPlugin, type DecorationSet, type Tooltip } from '@codemirror/view';
import type { ICodeCellModel } from '@jupyterlab/cells';
import { Signal } from '@lumino/signaling';
import { element, withCode } from './dom';
import type { Notebooks } from './notebooks';
import type { Session } from './session';

interface Position {
  line: number;
  character: number;
}

export interface Diagnostic {
  range: { start: Position; end: Position };
  message: string;
  severity: number;
}

/** A sidecar run's failure is told by its card; an error here would be told twice. */
const ERROR = 1;
const HINT = 4;

export class Findings {
  /** Emitted with the URI of a cell. */
  readonly changed = new Signal<this, string>(this);

  constructor(
    session: Session,
    private readonly notebooks: Notebooks
  ) {
    session.on('textDocument/publishDiagnostics', params => {
      const { uri, diagnostics } = params as { uri: string; diagnostics: Diagnostic[] };
      this.byCell.set(
        uri,
        diagnostics.filter(({ severity }) => severity !== ERROR)
      );
      this.changed.emit(uri);
    });
  }

  /** Return what is told of a cell. */
  of(model: ICodeCellModel): Diagnostic[] {
    return this.byCell.get(this.uri(model)) ?? [];
  }

  uri(model: ICodeCellModel): string {
    return this.notebooks.notebookOf(model)?.cellUri(model.id) ?? '';
  }

  extension(model: ICodeCellModel): Extension {
    const follow = ViewPlugin.define(view => {
      const show = () => {
        if (this.of(model).length === 0 && view.state.field(marks).size === 0) {
          return; // most cells, of which each has just been made: an update of its editor is not free
        }
        view.dispatch({ effects: setMarks.of(marksOf(view.state.doc, this.of(model))) });
      };
      const onChanged = (_: unknown, uri: string) => {
        if (uri === this.uri(model)) {
          show();
        }
      };
      this.changed.connect(onChanged);
      queueMicrotask(show); // a view must not be changed while it is made
      return {
        destroy: () => {
          this.changed.disconnect(onChanged);
        }
      };
    });
    return [marks, follow, hoverTooltip(tooltip, { hoverTime: 300 })];
  }

  private readonly byCell = new Map<string, Diagnostic[]>();
}

const setMarks = StateEffect.define<DecorationSet>();

const marks = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update: (known, transaction) => {
    const told = transaction.effects.find(effect => effect.is(setMarks));
    return told ? told.value : known.map(transaction.changes);
  },
  provide: field => EditorView.decorations.from(field)
});

/** Return what underlines the text of diagnostics; their characters, as the editor's, are UTF-16 units. */
export function marksOf(doc: Text, diagnostics: Diagnostic[]): DecorationSet {
  const offset = ({ line, character }: Position) => {
    const { from, to } = doc.line(Math.min(line + 1, doc.lines));
    return Math.min(from + character, to);
  };
  const ranges = diagnostics.flatMap(({ range, message, severity }) => {
    const [from, to] = [offset(range.start), offset(range.end)];
    const attributes = { 'data-severity': severity === HINT ? 'hint' : 'warning' };
    const mark = Decoration.mark({ class: 'jp-AiNotebook-finding', attributes, message });
    return from < to ? [mark.range(from, to)] : [];
  });
  return Decoration.set(ranges, true);
}

function tooltip({ state }: EditorView, position: number): Tooltip | null {
  const messages: string[] = [];
  let [start, end] = [position, position];
  state.field(marks).between(position, position, (from, to, { spec }) => {
    messages.push((spec as { message: string }).message);
    [start, end] = [from, to];
  });
  if (messages.length === 0) {
    return null;
  }
  const lines = messages.map(message => element('p', {}, ...withCode(message)));
  const dom = element('div', { class: 'jp-AiNotebook-hover jp-AiNotebook-findings', role: 'note' }, ...lines);
  return { pos: start, end, above: false, create: () => ({ dom }) };
}
