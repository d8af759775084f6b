/** What the parts of the panel share. */
import type { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import { OutputArea, SimplifiedOutputArea, type OutputAreaModel } from '@jupyterlab/outputarea';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { PanelLayout, Widget } from '@lumino/widgets';
import type { Assistant } from '../assistant';
import { element } from '../dom';
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
  return area;
}

/** Make a button that names a cell and goes to it. */
export function cellButton(
  context: PanelContext,
  notebook: SyncedNotebook,
  id: string,
  label: (name: string) => string = name => name
): HTMLButtonElement {
  const name = context.words.cell(notebook.number(id));
  const source = notebook.cell(id)?.sharedModel.source ?? '';
  const attributes = { type: 'button', class: 'jp-AiNotebook-cell', title: source.split('\n').slice(0, 3).join('\n') };
  const button = element('button', attributes, label(name));
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
