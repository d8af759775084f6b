/** Puts the parts together, once a notebook is there. */
import { Assistant } from './assistant.js';
import { addControls } from './controls.js';
import { element } from './dom.js';
import { Failures } from './failures.js';
import { Markup } from './markup.js';
import { Page } from './page.js';
import { Session } from './session.js';
import { Status } from './status.js';
import { SyncedNotebook } from './sync.js';

/** @typedef {import('../classic').Classic} Classic */

/**
 * Begin when the notebook is there; classic goes on loading extensions when this resolves.
 * @param {Classic} classic
 */
export async function start(classic) {
  const { notebook, events } = classic;
  await notebook.config.loaded;
  if (notebook.config.data.ai_notebook_ls?.enabled === false) {
    return;
  }
  if (notebook._fully_loaded) {
    begin(classic);
  } else {
    events.one('notebook_loaded.Notebook', () => {
      begin(classic);
    });
  }
}

/** @param {Classic} classic */
function begin(classic) {
  const style = new URL('style.css', import.meta.url).href;
  document.head.append(element('link', { rel: 'stylesheet', href: style }));
  const session = new Session(doorOf(classic));
  const notebook = new SyncedNotebook(classic.notebook, session);
  const assistant = new Assistant(session, notebook, new Failures(classic));
  const status = new Status(session, notebook, assistant, () => {
    page.open();
  });
  const page = new Page(classic, session, notebook, assistant, new Markup(classic), status);
  addControls(classic, page, assistant, status.node);
  window.addEventListener('pagehide', () => {
    notebook.close();
  });
  void session.start();
}

/**
 * Return the address of the sidecar; the page's own cookie opens it.
 * @param {Classic} classic
 */
function doorOf({ bodyData }) {
  const server = bodyData('wsUrl') || location.origin.replace(/^http/, 'ws');
  const base = (bodyData('baseUrl') || '/').replace(/\/?$/, '/');
  return `${server.replace(/\/$/, '')}${base}ai-notebook-ls/`;
}
