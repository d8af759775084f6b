/** Where the user finds it: a group in the toolbar, a menu, shortcuts; by classic's actions also its command palette. */
import { element } from './dom.js';

/** @typedef {import('../classic').Classic} Classic */
/** `name` is what the command palette shows, `word` the toolbar, where there is little room. */
/** @typedef {{name: string, label: string, word?: string, help: string, icon: string, keys?: string, handler: () => void}} Control */

const PREFIX = 'ai-notebook-ls';

/**
 * @param {Classic} classic
 * @param {import('./page.js').Page} page
 * @param {import('./assistant.js').Assistant} assistant
 * @param {HTMLElement} status
 */
export function addControls(classic, page, assistant, status) {
  const controls = controlsOf(page);
  for (const { name, help, icon, keys, handler } of controls) {
    addAction(classic, { icon, help, handler }, name, keys);
  }
  const inToolbar = controls.filter(({ icon }) => icon !== '');
  const buttons = inToolbar.map(({ name }) => ({ action: `${PREFIX}:${name}` }));
  const group = classic.toolbar.add_buttons_group(buttons, 'ai_notebook_ls')[0];
  group?.setAttribute('role', 'group');
  group?.setAttribute('aria-label', 'AI Notebook');
  inToolbar.forEach(({ label, word }, index) => {
    group?.children[index]?.setAttribute('aria-label', label);
    group?.children[index]?.append(element('span', { class: 'ai-notebook-word' }, word ?? label));
  });
  group?.after(status);
  const menu = menuOf(controls);
  document.querySelector('#help_menu')?.closest('li')?.before(menu);

  const stopButton = group?.querySelector('[data-jupyter-action$=":stop-sidecar"]');
  const stopItem = menu.querySelector('[data-jupyter-action$=":stop-sidecar"]');
  const refresh = () => {
    const isIdle = assistant.running.length === 0;
    stopButton?.toggleAttribute('disabled', isIdle);
    stopItem?.classList.toggle('disabled', isIdle);
    stopItem?.firstElementChild?.setAttribute('aria-disabled', String(isIdle));
  };
  assistant.addEventListener('changed', refresh);
  refresh();
}

/**
 * @param {import('./page.js').Page} page
 * @returns {Control[]}
 */
function controlsOf(page) {
  const perform = (/** @type {import('./task.js').Verb} */ verb, /** @type {'needed' | 'above'} */ mode) => () => {
    page.performSelected(verb, mode);
  };
  return [
    {
      name: 'explain-cells',
      label: 'Explain',
      help: 'explain the selected cells',
      icon: 'fa-lightbulb-o',
      keys: 'alt-shift-e',
      handler: perform('explain', 'needed')
    },
    {
      name: 'fix-cells',
      label: 'Fix',
      help: 'fix the selected cells: try changes in the sidecar kernel, show what works',
      icon: 'fa-wrench',
      keys: 'alt-shift-f',
      handler: perform('fix', 'needed')
    },
    {
      name: 'run-in-sidecar',
      label: 'Run in sidecar',
      word: 'Run',
      help: 'run the selected cells, and what they need, in the sidecar kernel',
      icon: 'fa-flask',
      keys: 'alt-shift-r',
      handler: perform('run', 'needed')
    },
    {
      name: 'run-all-above-in-sidecar',
      label: 'Run all above, then this, in sidecar',
      help: 'run all cells above, then the selected one, in the sidecar kernel',
      icon: '',
      handler: perform('run', 'above')
    },
    {
      name: 'stop-sidecar',
      label: 'Stop the sidecar',
      word: 'Stop',
      help: 'stop what the sidecar does for this notebook; your own kernel goes on',
      icon: 'fa-hand-paper-o',
      keys: 'alt-shift-q',
      handler: () => {
        page.stopAll();
      }
    },
    {
      name: 'show-sidecar-answers',
      label: 'Show answers',
      help: 'show the last answers of the sidecar',
      icon: '',
      keys: 'alt-shift-p',
      handler: () => {
        page.open();
      }
    }
  ];
}

/**
 * @param {Classic} classic
 * @param {{icon: string, help: string, handler: () => void}} action
 * @param {string} name
 * @param {string | undefined} keys
 */
function addAction({ notebook: { keyboard_manager: manager } }, action, name, keys) {
  const full = manager.actions.register(action, name, PREFIX);
  for (const shortcuts of [manager.command_shortcuts, manager.edit_shortcuts]) {
    // What the user, or another extension, has these keys do already stays.
    if (keys !== undefined && shortcuts.get_shortcut(keys) === undefined) {
      shortcuts.add_shortcut(keys, full);
    }
  }
}

/** @param {Control[]} controls */
function menuOf(controls) {
  const items = controls.map(({ name, label, help, keys, handler }) => {
    const link = element('a', { href: '#', role: 'menuitem' }, label);
    if (keys !== undefined) {
      link.append(element('span', { class: 'ai-notebook-keys' }, keyNames(keys)));
    }
    const item = element('li', { role: 'none', title: help, 'data-jupyter-action': `${PREFIX}:${name}` }, link);
    item.addEventListener('click', event => {
      event.preventDefault();
      handler();
    });
    return item;
  });
  const toggle = { 'data-toggle': 'dropdown', 'aria-haspopup': 'true', 'aria-controls': 'ai_notebook_ls_menu' };
  return element(
    'li',
    { class: 'dropdown', id: 'ai_notebook_ls_menubar' },
    element('a', { href: '#', class: 'dropdown-toggle', id: 'ai_notebook_ls_link', ...toggle }, 'AI Notebook'),
    element(
      'ul',
      { id: 'ai_notebook_ls_menu', class: 'dropdown-menu', role: 'menu', 'aria-labelledby': 'ai_notebook_ls_link' },
      ...items
    )
  );
}

/** @param {string} keys as classic writes them */
function keyNames(keys) {
  return keys
    .split('-')
    .map(key => key.charAt(0).toUpperCase() + key.slice(1))
    .join('+');
}
