/**
 * What the classic Notebook loads: hands its own modules to `main.js`.
 *
 * The rest are ES modules: RequireJS cannot tell `tsc` what a module exports, an import can.
 */
/* global define */
define([
  'base/js/namespace',
  'base/js/events',
  'base/js/security',
  'base/js/utils',
  'base/js/mathjaxutils',
  'codemirror/lib/codemirror',
  'components/marked/lib/marked',
  'notebook/js/outputarea',
  'codemirror/addon/runmode/runmode'
], (Jupyter, events, security, utils, mathjax, CodeMirror, marked, { OutputArea }) => ({
  load_ipython_extension: async () => {
    const { start } = await import('./main.js');
    await start({
      notebook: Jupyter.notebook,
      toolbar: Jupyter.toolbar,
      notifications: Jupyter.notification_area,
      events,
      CodeMirror,
      marked,
      mathjax,
      OutputArea,
      sanitize: security.sanitize_html,
      typeset: utils.typeset,
      bodyData: utils.get_body_data
    });
  }
}));
