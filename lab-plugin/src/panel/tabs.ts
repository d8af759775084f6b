/** Views of which one shows, behind a row of tabs (WAI-ARIA: tabs with automatic activation). */
import { Panel, Widget } from '@lumino/widgets';
import { element } from '../dom';

export class Tabs extends Panel {
  constructor(label: string, views: [title: string, view: Widget][]) {
    super();
    this.addClass('jp-AiNotebook-tabs');
    const list = element('div', { class: 'jp-AiNotebook-tabList', role: 'tablist', 'aria-label': label });
    this.addWidget(new Widget({ node: list }));
    views.forEach(([title, view], index) => {
      const tab = element('button', { type: 'button', role: 'tab', id: `jp-AiNotebook-tab-${index}` }, title);
      tab.addEventListener('click', () => {
        this.select(view);
      });
      tab.addEventListener('keydown', ({ key }) => {
        const step = key === 'ArrowRight' ? 1 : key === 'ArrowLeft' ? -1 : 0;
        const next = views.at((index + step) % views.length)?.[1];
        if (step !== 0 && next) {
          this.select(next);
          this.tabs.get(next)?.focus();
        }
      });
      view.addClass('jp-AiNotebook-view');
      view.node.setAttribute('role', 'tabpanel');
      view.node.setAttribute('aria-labelledby', tab.id);
      list.append(tab);
      this.tabs.set(view, tab);
      this.addWidget(view);
    });
    const [first] = views;
    if (first) {
      this.select(first[1]);
    }
  }

  select(view: Widget): void {
    for (const [each, tab] of this.tabs) {
      each.setHidden(each !== view);
      tab.setAttribute('aria-selected', String(each === view));
      tab.tabIndex = each === view ? 0 : -1;
    }
  }

  private readonly tabs = new Map<Widget, HTMLButtonElement>();
}
