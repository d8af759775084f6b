/** What the sidecar kernel of the notebook in front holds: name, type, shape, size, and a look at tables. */
import { Widget } from '@lumino/widgets';
import type { Differences } from '../differences';
import { element } from '../dom';
import type { Variable, Variables } from '../protocol';
import type { Status } from '../status';
import type { PanelContext } from './parts';

export class VariablesView extends Widget {
  constructor(
    private readonly context: PanelContext,
    private readonly status: Status,
    private readonly differences: Differences
  ) {
    super({ node: element('div', { class: 'jp-AiNotebook-variables' }) });
    status.changed.connect(this.refreshSoon, this);
    context.notebooks.currentChanged.connect(this.refreshSoon, this);
    context.assistant.ended.connect(this.refreshSoon, this);
  }

  override setHidden(hidden: boolean): void {
    super.setHidden(hidden);
    this.refreshSoon();
  }

  /** Several things change at once; one look is enough, and none while nobody looks. */
  private refreshSoon(): void {
    if (!this.isHidden) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => {
        void this.refresh();
      }, 50);
    }
  }

  private async refresh(): Promise<void> {
    const { notebooks, assistant, words } = this.context;
    const { trans } = words;
    const notebook = notebooks.current;
    const { link, state } = this.status;
    if (!notebook || link !== 'ready') {
      this.tell(notebook ? words.link(link) : trans.__('Open a notebook to see its sidecar kernel’s variables.'));
      return;
    }
    const found = await assistant.variables(notebook).catch(() => null);
    if (notebook !== notebooks.current || this.isDisposed || !found) {
      return;
    }
    if (found.kernel === 'busy') {
      this.note.textContent = trans.__('The sidecar is busy; these are the variables of before.');
    } else if (found.variables.length === 0) {
      this.tell(trans.__('No variables yet: nothing has run in the sidecar kernel. Run a cell in it first.'));
    } else {
      this.list(found, this.differences.of(notebook, state?.ledger ?? []));
    }
  }

  private tell(sentence: string): void {
    this.node.replaceChildren(element('p', { class: 'jp-AiNotebook-empty' }, sentence));
  }

  private list({ variables, leftOut = 0 }: Variables, marks: Map<string, string>): void {
    const { trans } = this.context.words;
    const heads = [trans.__('Name'), trans.__('Type'), trans.__('Size')];
    const table = element(
      'table',
      { 'aria-label': trans.__('Variables of the sidecar kernel') },
      element('thead', {}, element('tr', {}, ...heads.map(head => element('th', { scope: 'col' }, head))))
    );
    const body = element('tbody');
    for (const variable of variables) {
      body.append(...this.rows(variable, marks.get(variable.name)));
    }
    table.append(body);
    this.note.textContent = leftOut > 0 ? trans.__('and %1 more', leftOut) : '';
    const { scrollTop } = this.node;
    this.node.replaceChildren(table, this.note);
    this.node.scrollTop = scrollTop;
  }

  private rows(variable: Variable, mark: string | undefined): HTMLElement[] {
    const { words } = this.context;
    const { name, type, shape, bytes, dtype, table } = variable;
    const preview = told(variable);
    const kind = [type, shape?.join(' × '), dtype].filter(Boolean).join(' ');
    const head = element('th', { scope: 'row' }, ...this.name(variable));
    if (mark !== undefined) {
      const label = `${words.trans.__('May differ')}: ${mark}`;
      head.append(
        element('span', { class: 'jp-AiNotebook-differs', role: 'img', title: mark, 'aria-label': label }, '≠')
      );
    }
    head.append(element('code', { class: 'jp-AiNotebook-value', title: preview }, preview));
    const size = bytes === undefined ? '' : words.bytes(bytes);
    const rows = [element('tr', { 'data-name': name }, head, element('td', {}, kind), element('td', {}, size))];
    if (table && this.unfolded.has(name)) {
      rows.push(element('tr', {}, element('td', { colspan: '3' }, corner(variable))));
    }
    return rows;
  }

  private name({ name, table }: Variable): Node[] {
    if (!table) {
      return [element('code', {}, name)];
    }
    const isOpen = this.unfolded.has(name);
    const button = element('button', { type: 'button', 'aria-expanded': String(isOpen) }, element('code', {}, name));
    button.addEventListener('click', () => {
      if (!this.unfolded.delete(name)) {
        this.unfolded.add(name);
      }
      this.refreshSoon();
    });
    return [button];
  }

  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly unfolded = new Set<string>();
  private readonly note = element('p', { class: 'jp-AiNotebook-muted', role: 'status' });
}

/** What is shown of a value in one line: of a frame the names of its columns. */
function told({ preview, columns = [] }: Variable): string {
  return columns.length > 0 ? columns.map(({ name }) => name).join(', ') : preview;
}

/** A table's upper left corner. */
function corner({ table, columns = [] }: Variable): HTMLElement {
  const { index = [], rows = [] } = table ?? {};
  const names = columns.slice(0, rows[0]?.length ?? columns.length);
  const head = names.map(({ name, dtype }) => element('th', { scope: 'col', title: dtype }, name));
  const body = rows.map((row, place) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, index[place] ?? ''),
      ...row.map(value => element('td', { title: value }, value))
    )
  );
  return element(
    'div',
    { class: 'jp-AiNotebook-scroll', tabindex: '0' },
    element(
      'table',
      { class: 'jp-AiNotebook-frame' },
      element('thead', {}, element('tr', {}, element('td'), ...head)),
      element('tbody', {}, ...body)
    )
  );
}
