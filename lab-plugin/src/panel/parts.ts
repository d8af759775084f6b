/** What the parts of the panel share. */
import { isCodeCellModel } from '@jupyterlab/cells';
import type { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import { OutputArea, SimplifiedOutputArea, type OutputAreaModel } from '@jupyterlab/outputarea';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { PanelLayout, Widget } from '@lumino/widgets';
import type { Assistant } from '../assistant';
import { element } from '../dom';
import { enlargePictures } from '../pictures';
import type { Notebooks } from '../notebooks';
import type { SyncedNotebook } from '../sync';
import type { Words } from '../words';

export interface PanelContext {
  readonly assistant: Assistant;
  readonly languages: IEditorLanguageRegistry;
  readonly notebooks: Notebooks;
  readonly rendermime: IRenderMimeRegistry;
  readonly words: Words;
  /** Put code into the scratchpad, and show it. */
  openScratch(code: string): void;
  /** Tell people who do not see the panel. */
  announce(sentence: string): void;
}

/** A widget around one element, whose children follow what the element holds already. */
export class Section<T extends HTMLElement = HTMLElement> extends Widget {
  constructor(override readonly node: T) {
    super({ node });
    this.layout = this.children_ = new PanelLayout();
  }

  add(child: Widget | HTMLElement): void {
    this.children_.addWidget(child instanceof Widget ? child : new Widget({ node: child }));
  }

  clear(): void {
    for (const child of [...this.children_.widgets]) {
      child.dispose();
    }
  }

  private readonly children_: PanelLayout;
}

/** Make a part that is folded until it is asked for, and made only then. */
export function folded(summary: (Node | string)[], className: string, make: (section: Section) => void): Section {
  const node = element('details', { class: className }, element('summary', {}, ...summary));
  const section = new Section(node);
  node.addEventListener(
    'toggle',
    () => {
      make(section);
    },
    { once: true }
  );
  return section;
}

/** Show outputs as below a cell. */
export function outputArea(context: PanelContext, model: OutputAreaModel): Widget {
  const area = new SimplifiedOutputArea({
    model,
    rendermime: context.rendermime,
    contentFactory: OutputArea.defaultContentFactory
  });
  area.addClass('jp-AiNotebook-outputs');
  enlargePictures(area.node, context.words);
  return area;
}

/** Make a button that names a cell, marks it while it is pointed at, and goes to it. */
export function cellButton(
  context: PanelContext,
  notebook: SyncedNotebook,
  id: string,
  label: (name: string) => string = name => name
): HTMLButtonElement {
  const source = notebook.cell(id)?.sharedModel.source ?? '';
  const attributes = { type: 'button', class: 'jp-AiNotebook-cell', title: source.split('\n').slice(0, 3).join('\n') };
  const button = element('button', attributes);
  const refresh = () => {
    const cell = notebook.cell(id);
    const prompt = cell && isCodeCellModel(cell) ? cell.executionCount : null;
    button.textContent = label(context.words.cell(notebook.number(id), prompt));
  };
  refresh();
  const mark = () => {
    refresh(); // it may have run or moved since
    context.notebooks.point(notebook, id);
  };
  const unmark = () => {
    context.notebooks.point(null);
  };
  for (const [event, listener] of Object.entries({ mouseenter: mark, focus: mark, mouseleave: unmark, blur: unmark })) {
    button.addEventListener(event, listener);
  }
  button.disabled = notebook.isDisposed || notebook.number(id) === 0;
  button.addEventListener('click', () => {
    void context.notebooks.reveal(notebook, id).then(found => {
      button.disabled = !found;
    });
  });
  return button;
}

/** Put elements in a row, with something between them. */
export function joined(nodes: Node[], separator: string): (Node | string)[] {
  return nodes.flatMap((node, index) => (index === 0 ? [node] : [separator, node]));
}
