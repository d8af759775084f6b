"use strict";(self.rspackChunkai_notebook_ls_lab=self.rspackChunkai_notebook_ls_lab||[]).push([[1],{38(o,e,r){var t=r(36),i=r.n(t),a=r(37),p=(r.n(a))()(i());p.push([o.id,`/* The lightbulb, the menu and the hover. */

.jp-Notebook .jp-CodeCell .jp-InputArea {
  position: relative;
}

.jp-AiNotebook-bulb {
  align-items: center;
  background: none;
  border: 0;
  border-radius: var(--jp-border-radius);
  color: var(--jp-ui-font-color2);
  cursor: pointer;
  display: none;
  height: var(--jp-code-line-height-px, 18px);
  justify-content: center;
  left: -1px; /* off a prompt of several digits */
  margin: 0;
  padding: 0;
  position: absolute;
  width: 16px;
  z-index: 5;
}

.jp-Notebook .jp-Cell.jp-mod-active .jp-AiNotebook-bulb,
.jp-Notebook .jp-AiNotebook-bulb:is([data-failed], [data-ready]) {
  display: flex;
}

.jp-AiNotebook-bulb[data-failed] {
  color: var(--jp-error-color1);
}

.jp-AiNotebook-bulb[data-ready] {
  color: var(--jp-success-color1);
}

.jp-AiNotebook-bulb:hover,
.jp-AiNotebook-bulb:focus-visible {
  background: var(--jp-layout-color2);
  color: var(--jp-brand-color1);
}

.jp-AiNotebook-icon {
  display: inline-flex;
  flex: none;
}

.jp-AiNotebook-icon svg {
  display: block;
  height: 16px;
  width: 16px;
}

.jp-AiNotebook-bulb .jp-AiNotebook-icon svg {
  height: 14px;
  width: 14px;
}

/* An icon is as high as its line of text. */
.jp-AiNotebook-menu .lm-Menu-itemIcon svg {
  display: block;
  height: 16px;
  margin: auto;
  width: 16px;
}

.jp-AiNotebook-menu .lm-Menu-item > * {
  vertical-align: middle;
}

.jp-AiNotebook-hover {
  max-height: 260px;
  max-width: 480px;
  overflow: auto;
  padding: 6px 12px;
}

.jp-AiNotebook-hover .jp-RenderedHTMLCommon {
  font-size: var(--jp-ui-font-size1);
  padding: 0;
}

.jp-AiNotebook-hover .jp-RenderedHTMLCommon > :last-child {
  margin-bottom: 0;
}

/* What is told of a cell before it runs. */

.jp-AiNotebook-finding {
  text-decoration: underline wavy var(--jp-warn-color1);
  text-decoration-skip-ink: none;
  text-underline-offset: 3px;
}

.jp-AiNotebook-finding[data-severity='hint'] {
  text-decoration: underline dotted var(--jp-ui-font-color2);
}

.jp-AiNotebook-findings {
  font-family: var(--jp-ui-font-family);
  font-size: var(--jp-ui-font-size1);
}

.jp-AiNotebook-findings p {
  margin: 2px 0;
}
`,""]),r.d(e,{},{A:p})},39(o,e,r){var t=r(36),i=r.n(t),a=r(37),p=(r.n(a))()(i());p.push([o.id,`/* In the cells: what to do about an error, and what runs. */

.jp-AiNotebook-errorBar {
  align-items: center;
  color: var(--jp-ui-font-color2);
  display: flex;
  font-family: var(--jp-ui-font-family);
  font-size: var(--jp-ui-font-size1);
  gap: 2px;
  line-height: 20px;
  padding: 2px 0 4px
    calc(var(--jp-cell-prompt-width, 64px) + var(--jp-cell-collapser-width, 8px) + var(--jp-cell-padding, 5px));
}

.jp-AiNotebook-errorBar button {
  background: none;
  border: 0;
  border-radius: var(--jp-border-radius);
  color: var(--jp-content-link-color, var(--jp-brand-color1));
  cursor: pointer;
  font: inherit;
  padding: 0 6px;
}

.jp-AiNotebook-errorBar button + button::before {
  color: var(--jp-ui-font-color3);
  content: '\xb7';
  margin: 0 8px 0 -8px;
}

.jp-AiNotebook-errorBar button:hover {
  background: var(--jp-layout-color2);
}

.jp-AiNotebook-errorBar button:focus-visible {
  outline: 2px solid var(--jp-brand-color1);
  outline-offset: -1px;
}

.jp-AiNotebook-errorBar button[data-does='ready'] {
  font-weight: 600;
}

/* Where the prompt ends: it moves nothing, and hides nothing. */
.jp-AiNotebook-running {
  animation: jp-AiNotebook-pulse 1.2s ease-in-out infinite alternate;
  background: var(--jp-brand-color1);
  border-radius: 1px;
  bottom: 2px;
  left: calc(var(--jp-cell-prompt-width, 64px) - 4px);
  position: absolute;
  top: 2px;
  width: 2px;
}

@keyframes jp-AiNotebook-pulse {
  from {
    opacity: 0.35;
  }

  to {
    opacity: 1;
  }
}

@media (prefers-reduced-motion: reduce) {
  .jp-AiNotebook-running {
    animation: none;
  }
}

/* What the panel names, while it is pointed at there: Notebook 7 shows no numbers of cells. */
.jp-AiNotebook-pointed {
  outline: 2px solid var(--jp-brand-color1);
  outline-offset: -2px;
}
`,""]),r.d(e,{},{A:p})},35(o,e,r){var t=r(36),i=r.n(t),a=r(37),p=r.n(a),n=r(38),d=r(39),l=r(40),c=r(41),s=r(42),b=p()(i());b.i(n.A),b.i(d.A),b.i(l.A),b.i(c.A),b.i(s.A),b.push([o.id,`
`,""]),r.d(e,{},{A:b})},40(o,e,r){var t=r(36),i=r.n(t),a=r(37),p=(r.n(a))()(i());p.push([o.id,`/* The panel: readable at 300 px, quiet, in the theme's colours. */

.jp-AiNotebook-panel {
  background: var(--jp-layout-color1);
  color: var(--jp-ui-font-color1);
  display: flex;
  flex-direction: column;
  font-family: var(--jp-ui-font-family);
  font-size: var(--jp-ui-font-size1);
}

/* JupyterLab gives what is in its side areas a smaller one, by id. */
#jp-right-stack > #ai-notebook-ls-panel {
  min-width: 300px;
}

/* Notebook 7 gives its right side a share of the window, and cuts off what is wider. */
.jp-AiNotebook-panel {
  min-width: 200px;
}

.jp-AiNotebook-panel p,
.jp-AiNotebook-panel h3,
.jp-AiNotebook-panel h4 {
  font-size: inherit;
  line-height: 1.45;
  margin: 0;
}

.jp-AiNotebook-header {
  align-items: center;
  border-bottom: var(--jp-border-width) solid var(--jp-border-color2);
  display: flex;
  flex: none;
  gap: 8px;
  justify-content: space-between;
  min-height: 32px;
  padding: 0 8px;
}

.jp-AiNotebook-cards {
  display: flex;
  flex: 1;
  flex-direction: column;
  gap: 8px;
  min-height: 0;
  overflow: hidden auto;
  padding: 8px;
}

.jp-AiNotebook-live {
  clip-path: inset(50%);
  height: 1px;
  overflow: hidden;
  position: absolute;
  white-space: nowrap;
  width: 1px;
}

.jp-AiNotebook-empty {
  color: var(--jp-ui-font-color1);
  display: flex;
  flex-direction: column;
  gap: 8px;
  padding: 32px 24px;
  text-align: center;
}

.jp-AiNotebook-emptyIcon svg {
  height: 32px;
  width: 32px;
}

.jp-AiNotebook-muted,
.jp-AiNotebook-origin,
.jp-AiNotebook-note,
.jp-AiNotebook-label {
  color: var(--jp-ui-font-color2);
}

.jp-AiNotebook-panel .jp-AiNotebook-muted,
.jp-AiNotebook-panel .jp-AiNotebook-origin {
  font-size: var(--jp-ui-font-size0);
}

.jp-AiNotebook-panel h4 code,
.jp-AiNotebook-reason code,
.jp-AiNotebook-note code {
  font-family: var(--jp-code-font-family);
}

.jp-AiNotebook-markdown .jp-RenderedHTMLCommon :is(h1, h2, h3, h4) {
  font-size: var(--jp-ui-font-size2);
  margin: 8px 0 4px;
}

/* -- a card ---------------------------------------------------------------- */

.jp-AiNotebook-card {
  border: var(--jp-border-width) solid var(--jp-border-color2);
  border-radius: 4px;
  flex: none;
  overflow: hidden;
}

.jp-AiNotebook-card:focus-visible {
  border-color: var(--jp-brand-color1);
  outline: none;
}

.jp-AiNotebook-cardHeader {
  align-items: center;
  background: var(--jp-layout-color2);
  display: flex;
  flex-wrap: wrap;
  gap: 0 8px;
  padding: 3px 8px 5px;
}

.jp-AiNotebook-cardHeader h3 {
  flex: 1;
  font-weight: 600;
}

.jp-AiNotebook-cardPlace {
  align-items: baseline;
  display: flex;
  flex-basis: 100%;
  gap: 6px;
  min-width: 0;
  padding-left: 4px;
}

.jp-AiNotebook-cardPlace > :is(code, span) {
  flex: 1;
}

.jp-AiNotebook-cardPlace > span {
  overflow-wrap: anywhere;
}

.jp-AiNotebook-cardPlace time {
  color: var(--jp-ui-font-color2);
  font-size: var(--jp-ui-font-size0);
  white-space: nowrap;
}

.jp-AiNotebook-cardPlace code {
  color: var(--jp-ui-font-color2);
  font-family: var(--jp-code-font-family);
  font-size: var(--jp-ui-font-size0);
  min-width: 0;
  overflow: hidden;
  text-overflow: ellipsis;
  white-space: nowrap;
}

.jp-AiNotebook-progress {
  color: var(--jp-ui-font-color2);
  padding: 8px 12px;
}

.jp-AiNotebook-progress::before {
  animation: jp-AiNotebook-turn 1s linear infinite;
  border: 2px solid var(--jp-border-color1);
  border-radius: 50%;
  border-top-color: var(--jp-brand-color1);
  box-sizing: border-box;
  content: '';
  display: inline-block;
  height: 12px;
  margin-right: 8px;
  vertical-align: -1px;
  width: 12px;
}

@keyframes jp-AiNotebook-turn {
  to {
    transform: rotate(360deg);
  }
}

@media (prefers-reduced-motion: reduce) {
  .jp-AiNotebook-progress::before {
    animation: none;
  }
}

.jp-AiNotebook-cardBody:not(:empty, [hidden]) {
  padding: 8px 12px 10px;
}

.jp-AiNotebook-cardBody > * + *,
.jp-AiNotebook-proposals > * + *,
.jp-AiNotebook-candidate > * + *,
.jp-AiNotebook-run > * + *,
.jp-AiNotebook-trouble > * + *,
.jp-AiNotebook-details > summary + *,
.jp-AiNotebook-receipt > summary + * {
  margin-top: 8px;
}

/* -- buttons --------------------------------------------------------------- */

.jp-AiNotebook-actions {
  display: flex;
  flex: none;
  gap: 2px;
}

.jp-AiNotebook-iconButton {
  align-items: center;
  background: none;
  border: 0;
  border-radius: var(--jp-border-radius);
  cursor: pointer;
  display: flex;
  height: 24px;
  justify-content: center;
  padding: 0;
  width: 24px;
}

.jp-AiNotebook-iconButton:hover {
  background: var(--jp-layout-color3);
}

.jp-AiNotebook-button {
  background: var(--jp-layout-color2);
  border: var(--jp-border-width) solid var(--jp-border-color1);
  border-radius: var(--jp-border-radius);
  color: var(--jp-ui-font-color1);
  cursor: pointer;
  font-family: inherit;
  font-size: var(--jp-ui-font-size1);
  line-height: 22px;
  min-height: 24px;
  padding: 0 12px;
}

.jp-AiNotebook-button:hover {
  background: var(--jp-layout-color3);
}

.jp-AiNotebook-button.jp-mod-accept {
  background: var(--jp-brand-color1);
  border-color: var(--jp-brand-color1);
  color: var(--jp-ui-inverse-font-color1);
  font-weight: 600;
}

.jp-AiNotebook-button.jp-mod-accept:hover {
  background: var(--jp-brand-color0);
}

.jp-AiNotebook-button:disabled {
  cursor: default;
  opacity: 0.5;
}

.jp-AiNotebook-button:focus-visible,
.jp-AiNotebook-iconButton:focus-visible,
.jp-AiNotebook-statusButton:focus-visible,
.jp-AiNotebook-cell:focus-visible {
  outline: 2px solid var(--jp-brand-color1);
  outline-offset: -1px;
}

.jp-AiNotebook-buttons {
  align-items: center;
  display: flex;
  flex-wrap: wrap;
  gap: 4px 8px;
}

.jp-AiNotebook-cell {
  background: none;
  border: 0;
  color: var(--jp-content-link-color, var(--jp-brand-color1));
  cursor: pointer;
  font: inherit;
  padding: 0;
  white-space: nowrap;
}

.jp-AiNotebook-cell:hover {
  text-decoration: underline;
}

.jp-AiNotebook-cell:disabled {
  color: var(--jp-ui-font-color2);
  cursor: default;
  text-decoration: none;
}

/* -- answers --------------------------------------------------------------- */

.jp-AiNotebook-failure {
  color: var(--jp-ui-font-color1);
  display: -webkit-box;
  font-family: var(--jp-code-font-family);
  -webkit-box-orient: vertical;
  -webkit-line-clamp: 3;
  overflow: hidden;
  overflow-wrap: anywhere;
}

.jp-AiNotebook-panel p.jp-AiNotebook-failure {
  font-size: var(--jp-code-font-size);
}

.jp-AiNotebook-candidate + .jp-AiNotebook-candidate {
  border-top: var(--jp-border-width) solid var(--jp-border-color2);
  margin-top: 12px;
  padding-top: 12px;
}

.jp-AiNotebook-panel h4.jp-AiNotebook-candidateTitle {
  font-weight: 600;
  overflow-wrap: anywhere;
}

.jp-AiNotebook-line,
.jp-AiNotebook-receipt > summary {
  align-items: flex-start;
  display: flex;
  gap: 6px;
  overflow-wrap: anywhere;
}

.jp-AiNotebook-receipt {
  background: var(--jp-layout-color2);
  border-left: 3px solid var(--jp-border-color1);
  border-radius: 2px;
  padding: 6px 8px;
}

.jp-AiNotebook-receipt > summary,
.jp-AiNotebook-details > summary {
  cursor: pointer;
  line-height: 1.45;
}

.jp-AiNotebook-receipt > summary::after {
  border: solid var(--jp-ui-font-color2);
  border-width: 0 1.5px 1.5px 0;
  content: '';
  flex: none;
  height: 5px;
  margin: 4px 2px 0 auto;
  transform: rotate(45deg);
  width: 5px;
}

.jp-AiNotebook-receipt[open] > summary::after {
  margin-top: 8px;
  transform: rotate(225deg);
}

.jp-AiNotebook-details > summary {
  color: var(--jp-ui-font-color2);
}

.jp-AiNotebook-receipt .jp-AiNotebook-icon,
.jp-AiNotebook-line .jp-AiNotebook-icon {
  padding-top: 1px;
}

.jp-AiNotebook-receipt[data-verdict='verified'] {
  border-left-color: var(--jp-success-color1);
}

.jp-AiNotebook-receipt[data-verdict='same-error'],
.jp-AiNotebook-receipt[data-verdict='new-error'] {
  border-left-color: var(--jp-error-color1);
}

.jp-AiNotebook-receipt[data-verdict='escape'] {
  border-left-color: var(--jp-warn-color1);
}

.jp-AiNotebook-receipt[data-verdict='verified'] .jp-AiNotebook-icon,
.jp-AiNotebook-line[data-looks='verified'] .jp-AiNotebook-icon {
  color: var(--jp-success-color1);
}

.jp-AiNotebook-receipt[data-verdict='same-error'] .jp-AiNotebook-icon,
.jp-AiNotebook-receipt[data-verdict='new-error'] .jp-AiNotebook-icon,
.jp-AiNotebook-line[data-looks='same-error'] .jp-AiNotebook-icon,
.jp-AiNotebook-line[data-looks='new-error'] .jp-AiNotebook-icon {
  color: var(--jp-error-color1);
}

.jp-AiNotebook-receipt[data-verdict='escape'] .jp-AiNotebook-icon {
  color: var(--jp-warn-color1);
}

.jp-AiNotebook-receipt[data-verdict='unchecked'] .jp-AiNotebook-icon {
  color: var(--jp-ui-font-color2);
}

.jp-AiNotebook-facts {
  display: grid;
  gap: 2px 10px;
  grid-template-columns: auto 1fr;
  margin: 8px 0;
}

.jp-AiNotebook-facts dt {
  color: var(--jp-ui-font-color2);
  font-weight: normal;
}

.jp-AiNotebook-facts dd {
  margin: 0;
  overflow-wrap: anywhere;
}

.jp-AiNotebook-said:empty {
  display: none;
}

.jp-AiNotebook-said[data-said='refused'],
.jp-AiNotebook-notice {
  border-left: 3px solid var(--jp-warn-color1);
  padding-left: 8px;
}

.jp-AiNotebook-said[data-said='applied'] {
  border-left: 3px solid var(--jp-success-color1);
  padding-left: 8px;
}

.jp-AiNotebook-trouble {
  border-left: 3px solid var(--jp-border-color1);
  padding-left: 8px;
}

.jp-AiNotebook-card[data-phase='failed'] .jp-AiNotebook-trouble,
.jp-AiNotebook-card[data-phase='lost'] .jp-AiNotebook-trouble {
  border-left-color: var(--jp-error-color1);
}

.jp-AiNotebook-markdown .jp-RenderedHTMLCommon {
  font-family: var(--jp-ui-font-family);
  font-size: var(--jp-ui-font-size1);
  overflow-wrap: anywhere;
  padding: 0;
}

.jp-AiNotebook-markdown .jp-RenderedHTMLCommon pre {
  background: var(--jp-layout-color2);
  margin: 4px 0 8px;
  overflow-x: auto;
  padding: 6px 8px;
}

.jp-AiNotebook-markdown .jp-RenderedHTMLCommon pre code {
  background: none;
  padding: 0;
}

.jp-AiNotebook-markdown .jp-RenderedHTMLCommon p + p {
  margin-top: 8px;
}

.jp-AiNotebook-markdown .jp-RenderedHTMLCommon > :last-child {
  margin-bottom: 0;
}

.jp-AiNotebook-scroll {
  max-height: 320px;
  overflow: auto;
}

.jp-AiNotebook-scroll:empty {
  display: none;
}

.jp-AiNotebook-outputs .jp-OutputArea-output {
  padding: 0;
}

.jp-AiNotebook-diff {
  border: var(--jp-border-width) solid var(--jp-border-color2);
  border-radius: 2px;
  max-height: 320px;
  overflow: auto;
}

.jp-AiNotebook-diff .cm-editor {
  background: var(--jp-cell-editor-background);
  font-size: var(--jp-code-font-size);
}

.jp-AiNotebook-diff .cm-changedLine {
  background: color-mix(in srgb, var(--jp-success-color1) 12%, transparent);
}

.jp-AiNotebook-diff .cm-deletedChunk {
  background: color-mix(in srgb, var(--jp-error-color1) 12%, transparent);
}

.jp-AiNotebook-diff .cm-changedLineGutter {
  background: var(--jp-success-color1);
}

.jp-AiNotebook-diff .cm-deletedLineGutter {
  background: var(--jp-error-color1);
}

.jp-AiNotebook-ask:not(.lm-mod-hidden) {
  border-top: var(--jp-border-width) solid var(--jp-border-color2);
  display: flex;
  flex: none;
  flex-direction: column;
  gap: 6px;
  padding: 8px;
}

.jp-AiNotebook-question-field {
  box-sizing: border-box;
  font-family: inherit;
  font-size: inherit;
  line-height: 1.45;
  max-height: 40vh;
  min-height: 3.6em;
  resize: vertical;
  width: 100%;
}

.jp-AiNotebook-preview pre,
.jp-AiNotebook-question pre {
  background: var(--jp-layout-color2);
  font-size: var(--jp-code-font-size);
  margin: 4px 0 8px;
  max-height: 320px;
  overflow: auto;
  padding: 6px 8px;
  white-space: pre-wrap;
  word-break: break-word;
}

.jp-AiNotebook-link {
  background: none;
  border: 0;
  color: var(--jp-content-link-color, var(--jp-brand-color1));
  cursor: pointer;
  font-family: inherit;
  font-size: var(--jp-ui-font-size0);
  line-height: 20px;
  padding: 0 2px;
  white-space: nowrap;
}

.jp-AiNotebook-link:hover {
  text-decoration: underline;
}

.jp-AiNotebook-link:focus-visible {
  outline: 2px solid var(--jp-brand-color1);
}
`,""]),r.d(e,{},{A:p})},41(o,e,r){var t=r(36),i=r.n(t),a=r(37),p=(r.n(a))()(i());p.push([o.id,`/* How the sidecar is: a mark that differs in shape and colour, and words. */

.jp-AiNotebook-status {
  display: flex;
  min-width: 0;
}

.jp-AiNotebook-statusButton {
  align-items: center;
  background: none;
  border: 0;
  color: inherit;
  cursor: pointer;
  display: flex;
  font-family: var(--jp-ui-font-family);
  font-size: var(--jp-ui-font-size1);
  gap: 6px;
  min-width: 0;
  overflow: hidden;
  padding: 0 4px;
  white-space: nowrap;
}

.jp-AiNotebook-statusText {
  overflow: hidden;
  text-overflow: ellipsis;
}

.jp-AiNotebook-statusLevel:not(:empty) {
  border: var(--jp-border-width) solid var(--jp-border-color1);
  border-radius: 8px;
  color: var(--jp-ui-font-color1);
  font-size: var(--jp-ui-font-size0);
  line-height: 14px;
  padding: 0 6px;
}

.jp-AiNotebook-statusLevel[data-weaker='true']:not(:empty) {
  border-color: var(--jp-warn-color0);
  border-style: dashed;
}

.jp-AiNotebook-statusMark {
  border: 2px solid var(--jp-ui-font-color2);
  border-radius: 50%;
  box-sizing: border-box;
  flex: none;
  height: 9px;
  width: 9px;
}

.jp-AiNotebook-status[data-state='ready'] .jp-AiNotebook-statusMark {
  background: var(--jp-success-color1);
  border-color: var(--jp-success-color1);
}

.jp-AiNotebook-status[data-kernel='busy'] .jp-AiNotebook-statusMark,
.jp-AiNotebook-status[data-kernel='starting'] .jp-AiNotebook-statusMark {
  background: var(--jp-warn-color1);
  border-color: var(--jp-warn-color1);
}

.jp-AiNotebook-status[data-kernel='dead'] .jp-AiNotebook-statusMark {
  background: var(--jp-error-color1);
  border-color: var(--jp-error-color1);
  border-radius: 0;
}

.jp-AiNotebook-status[data-state='reconnecting'] .jp-AiNotebook-statusMark,
.jp-AiNotebook-status[data-state='connecting'] .jp-AiNotebook-statusMark {
  background: none;
  border-color: var(--jp-warn-color1);
}
`,""]),r.d(e,{},{A:p})},42(o,e,r){var t=r(36),i=r.n(t),a=r(37),p=(r.n(a))()(i());p.push([o.id,`/* The panel's views: tabs, history, variables, scratchpad, and what is about the sidecar. */

.jp-AiNotebook-panel > .jp-AiNotebook-tabs {
  display: flex;
  flex: 1;
  flex-direction: column;
  min-height: 0;
}

.jp-AiNotebook-tabList {
  border-bottom: var(--jp-border-width) solid var(--jp-border-color2);
  display: flex;
  flex: none;
  padding: 0 4px;
}

.jp-AiNotebook-tabList [role='tab'] {
  background: none;
  border: 0;
  border-bottom: 2px solid transparent;
  color: var(--jp-ui-font-color2);
  cursor: pointer;
  font: inherit;
  line-height: 26px;
  padding: 0 8px;
}

.jp-AiNotebook-tabList [role='tab']:hover {
  color: var(--jp-ui-font-color1);
}

.jp-AiNotebook-tabList [role='tab'][aria-selected='true'] {
  border-bottom-color: var(--jp-brand-color1);
  color: var(--jp-ui-font-color1);
}

.jp-AiNotebook-tabList [role='tab']:focus-visible,
.jp-AiNotebook-variables button:focus-visible,
.jp-AiNotebook-leaveOut:focus-visible {
  outline: 2px solid var(--jp-brand-color1);
  outline-offset: -2px;
}

.jp-AiNotebook-view:not(.lm-mod-hidden) {
  display: flex;
  flex: 1;
  flex-direction: column;
  min-height: 0;
}

/* -- about ----------------------------------------------------------------- */

.jp-AiNotebook-about {
  background: var(--jp-layout-color2);
  border-bottom: var(--jp-border-width) solid var(--jp-border-color2);
  flex: none;
  padding: 4px 12px 10px;
}

/* -- history --------------------------------------------------------------- */

.jp-AiNotebook-toolbar {
  align-items: center;
  display: flex;
  flex: none;
  gap: 6px;
  padding: 6px 8px 0;
}

.jp-AiNotebook-toolbar.lm-mod-hidden {
  display: none;
}

.jp-AiNotebook-count {
  color: var(--jp-ui-font-color2);
  flex: 1;
  font-size: var(--jp-ui-font-size0);
  padding-left: 4px;
}

.jp-AiNotebook-toolbar .jp-AiNotebook-button {
  font-size: var(--jp-ui-font-size0);
  line-height: 18px;
  min-height: 20px;
  padding: 0 8px;
}

.jp-AiNotebook-button[aria-pressed='true'] {
  background: var(--jp-brand-color3, var(--jp-layout-color3));
  border-color: var(--jp-brand-color1);
}

.jp-AiNotebook-fold svg {
  transition: transform 0.1s;
}

.jp-AiNotebook-card[data-folded] .jp-AiNotebook-fold svg {
  transform: rotate(-90deg);
}

.jp-AiNotebook-card[data-folded] > :not(.jp-AiNotebook-cardHeader, :has(.jp-AiNotebook-cardHeader)) {
  display: none;
}

.jp-AiNotebook-cardHeader > .jp-AiNotebook-fold {
  flex: none;
  height: 20px;
  margin: 0 -4px;
  width: 20px;
}

.jp-AiNotebook-pin[aria-pressed='false'] {
  opacity: 0.5;
}

.jp-AiNotebook-pin[aria-pressed='true'] {
  background: var(--jp-layout-color3);
}

/* -- diffs ----------------------------------------------------------------- */

.jp-AiNotebook-diff .cm-chunkButtons {
  inset-inline-end: 4px;
}

.jp-AiNotebook-diff .jp-AiNotebook-leaveOut {
  background: var(--jp-layout-color1);
  border: var(--jp-border-width) solid var(--jp-border-color1);
  height: 16px;
  margin: 0;
  width: 16px;
}

.jp-AiNotebook-leaveOut svg {
  height: 12px;
  width: 12px;
}

.jp-AiNotebook-wide .jp-Dialog-content {
  max-width: none;
  width: min(1100px, 92vw);
}

.jp-AiNotebook-sideBySide {
  max-height: 70vh;
  overflow: auto;
}

.jp-AiNotebook-sideBySide .cm-mergeView {
  border: var(--jp-border-width) solid var(--jp-border-color2);
}

.jp-AiNotebook-sideBySide .cm-editor {
  background: var(--jp-cell-editor-background);
  font-size: var(--jp-code-font-size);
}

.jp-AiNotebook-sideBySide .cm-mergeViewEditor + .cm-mergeViewEditor {
  border-left: var(--jp-border-width) solid var(--jp-border-color2);
}

.jp-AiNotebook-sides {
  color: var(--jp-ui-font-color2);
  display: grid;
  grid-template-columns: 1fr 1fr;
}

.jp-AiNotebook-sideBySide .cm-merge-a .cm-changedLine {
  background: color-mix(in srgb, var(--jp-error-color1) 12%, transparent);
}

.jp-AiNotebook-sideBySide .cm-merge-b .cm-changedLine {
  background: color-mix(in srgb, var(--jp-success-color1) 12%, transparent);
}

/* -- variables ------------------------------------------------------------- */

.jp-AiNotebook-variables:not(.lm-mod-hidden) {
  display: block;
  overflow: auto;
}

.jp-AiNotebook-variables > table {
  border-collapse: collapse;
  table-layout: fixed;
  width: 100%;
}

.jp-AiNotebook-variables > table > * > tr > * {
  border-bottom: var(--jp-border-width) solid var(--jp-border-color2);
  font-weight: normal;
  overflow: hidden;
  overflow-wrap: anywhere;
  padding: 4px 6px;
  text-align: left;
  vertical-align: top;
}

.jp-AiNotebook-variables > table > thead th {
  background: var(--jp-layout-color1);
  color: var(--jp-ui-font-color2);
  position: sticky;
  top: 0;
  z-index: 1;
}

.jp-AiNotebook-variables > table > * > tr > :nth-child(2) {
  color: var(--jp-ui-font-color2);
  width: 32%;
}

.jp-AiNotebook-variables > table > * > tr > :nth-child(3) {
  text-align: right;
  white-space: nowrap;
  width: 56px;
}

.jp-AiNotebook-variables code {
  font-family: var(--jp-code-font-family);
  font-size: var(--jp-code-font-size);
}

.jp-AiNotebook-variables button {
  background: none;
  border: 0;
  color: var(--jp-content-link-color, var(--jp-brand-color1));
  cursor: pointer;
  padding: 0;
}

.jp-AiNotebook-variables button::before {
  content: '▸ ';
}

.jp-AiNotebook-variables button[aria-expanded='true']::before {
  content: '▾ ';
}

.jp-AiNotebook-variables .jp-AiNotebook-value {
  color: var(--jp-ui-font-color2);
  display: block;
  font-size: var(--jp-ui-font-size0);
  overflow: hidden;
  text-overflow: ellipsis;
  white-space: nowrap;
}

.jp-AiNotebook-differs {
  color: var(--jp-warn-color0);
  cursor: help;
  font-weight: 600;
  padding-left: 6px;
}

.jp-AiNotebook-frame {
  border-collapse: collapse;
  font-size: var(--jp-ui-font-size0);
}

.jp-AiNotebook-frame :is(td, th) {
  max-width: 160px;
  overflow: hidden;
  padding: 1px 8px;
  text-align: right;
  text-overflow: ellipsis;
  white-space: nowrap;
}

.jp-AiNotebook-frame tbody tr:nth-child(odd) {
  background: var(--jp-layout-color2);
}

/* -- scratchpad and trials ------------------------------------------------- */

.jp-AiNotebook-entries {
  flex: 1;
  min-height: 0;
  overflow: auto;
  padding: 0 8px;
}

.jp-AiNotebook-entry {
  border-bottom: var(--jp-border-width) solid var(--jp-border-color2);
  padding: 8px 0;
}

.jp-AiNotebook-typed {
  background: var(--jp-layout-color2);
  border-left: 3px solid var(--jp-brand-color1);
  font-family: var(--jp-code-font-family);
  font-size: var(--jp-code-font-size);
  margin: 0 0 6px;
  max-height: 160px;
  overflow: auto;
  padding: 4px 8px;
  white-space: pre-wrap;
}

.jp-AiNotebook-entryActions {
  display: flex;
  gap: 8px;
  padding-top: 4px;
}

.jp-AiNotebook-course {
  align-items: center;
  display: flex;
  justify-content: space-between;
}

.jp-AiNotebook-course[hidden] {
  display: none;
}

.jp-AiNotebook-block > .jp-AiNotebook-trial {
  margin-top: 8px;
}

.jp-AiNotebook-input {
  border-top: var(--jp-border-width) solid var(--jp-border-color2);
  display: flex;
  flex: none;
  flex-direction: column;
  gap: 6px;
  padding: 8px;
}

.jp-AiNotebook-input .cm-editor {
  background: var(--jp-cell-editor-background);
  border: var(--jp-border-width) solid var(--jp-cell-editor-border-color);
  font-size: var(--jp-code-font-size);
  max-height: 40vh;
  min-height: 3.6em;
}

.jp-AiNotebook-input .cm-editor.cm-focused {
  border-color: var(--jp-cell-editor-active-border-color, var(--jp-brand-color1));
  outline: none;
}

.jp-AiNotebook-input .cm-scroller {
  overflow: auto;
}

.jp-AiNotebook-input .cm-tooltip-autocomplete {
  background: var(--jp-layout-color1);
  border: var(--jp-border-width) solid var(--jp-border-color1);
  color: var(--jp-ui-font-color1);
}

.jp-AiNotebook-input .cm-tooltip-autocomplete li[aria-selected] {
  background: var(--jp-brand-color1);
  color: var(--jp-ui-inverse-font-color1);
}

.jp-AiNotebook-widgetText pre {
  margin: 0;
}

/* -- pictures -------------------------------------------------------------- */

.jp-AiNotebook-outputs img {
  cursor: zoom-in;
}

.jp-AiNotebook-outputs img:focus-visible {
  outline: 2px solid var(--jp-brand-color1);
  outline-offset: -2px;
}

.jp-AiNotebook-picture {
  display: flex;
  flex: 1;
  justify-content: center;
  min-height: 0;
}

/* As they are drawn for a page that is light. */
.jp-AiNotebook-picture img {
  background: white;
  max-height: 70vh;
  max-width: 100%;
  min-width: min(640px, 80vw);
  object-fit: contain;
}

/* -- an output before and after a change: beside each other where there is room --- */

.jp-AiNotebook-twoOutputs {
  display: flex;
  flex-wrap: wrap;
  gap: 8px;
}

.jp-AiNotebook-twoOutputs > * {
  border: var(--jp-border-width) solid var(--jp-border-color2);
  box-sizing: border-box;
  flex: 1 1 140px;
  min-width: 0;
  padding: 4px 6px;
}
`,""]),r.d(e,{},{A:p})},37(o){o.exports=function(o){var e=[];return e.toString=function(){return this.map(function(e){var r="",t=void 0!==e[5];return e[4]&&(r+="@supports (".concat(e[4],") {")),e[2]&&(r+="@media ".concat(e[2]," {")),t&&(r+="@layer".concat(e[5].length>0?" ".concat(e[5]):""," {")),r+=o(e),t&&(r+="}"),e[2]&&(r+="}"),e[4]&&(r+="}"),r}).join("")},e.i=function(o,r,t,i,a){"string"==typeof o&&(o=[[null,o,void 0]]);var p={};if(t)for(var n=0;n<this.length;n++){var d=this[n][0];null!=d&&(p[d]=!0)}for(var l=0;l<o.length;l++){var c=[].concat(o[l]);t&&p[c[0]]||(void 0!==a&&(void 0===c[5]||(c[1]="@layer".concat(c[5].length>0?" ".concat(c[5]):""," {").concat(c[1],"}")),c[5]=a),r&&(c[2]&&(c[1]="@media ".concat(c[2]," {").concat(c[1],"}")),c[2]=r),i&&(c[4]?(c[1]="@supports (".concat(c[4],") {").concat(c[1],"}"),c[4]=i):c[4]="".concat(i)),e.push(c))}},e}},36(o){o.exports=function(o){return o[1]}},28(o,e,r){r.r(e);var t=r(29),i=r.n(t),a=r(30),p=r.n(a),n=r(31),d=r.n(n),l=r(32),c=r.n(l),s=r(33),b=r.n(s),j=r(34),u=r.n(j),f=r(35),k={};k.styleTagTransform=u(),k.setAttributes=c(),k.insert=d().bind(null,"head"),k.domAPI=p(),k.insertStyleElement=b(),i()(f.A,k);let v=f.A&&f.A.locals?f.A.locals:void 0;r.d(e,{},{default:v})},29(o){var e=[];function r(o){for(var r=-1,t=0;t<e.length;t++)if(e[t].identifier===o){r=t;break}return r}function t(o,t){for(var i={},a=[],p=0;p<o.length;p++){var n=o[p],d=t.base?n[0]+t.base:n[0],l=i[d]||0,c="".concat(d," ").concat(l);i[d]=l+1;var s=r(c),b={css:n[1],media:n[2],sourceMap:n[3],supports:n[4],layer:n[5]};if(-1!==s)e[s].references++,e[s].updater(b);else{var j=function(o,e){var r=e.domAPI(e);return r.update(o),function(e){e?(e.css!==o.css||e.media!==o.media||e.sourceMap!==o.sourceMap||e.supports!==o.supports||e.layer!==o.layer)&&r.update(o=e):r.remove()}}(b,t);t.byIndex=p,e.splice(p,0,{identifier:c,updater:j,references:1})}a.push(c)}return a}o.exports=function(o,i){var a=t(o=o||[],i=i||{});return function(o){o=o||[];for(var p=0;p<a.length;p++){var n=r(a[p]);e[n].references--}for(var d=t(o,i),l=0;l<a.length;l++){var c=r(a[l]);0===e[c].references&&(e[c].updater(),e.splice(c,1))}a=d}}},31(o){var e={};o.exports=function(o,r){var t=function(o){if(void 0===e[o]){var r=document.querySelector(o);if(window.HTMLIFrameElement&&r instanceof window.HTMLIFrameElement)try{r=r.contentDocument.head}catch(o){r=null}e[o]=r}return e[o]}(o);if(!t)throw Error("Couldn't find a style target. This probably means that the value for the 'insert' parameter is invalid.");t.appendChild(r)}},33(o){o.exports=function(o){var e=document.createElement("style");return o.setAttributes(e,o.attributes),o.insert(e,o.options),e}},32(o,e,r){o.exports=function(o){var e=r.nc;e&&o.setAttribute("nonce",e)}},30(o){o.exports=function(o){if("u"<typeof document)return{update:function(){},remove:function(){}};var e=o.insertStyleElement(o);return{update:function(r){var t,i,a;t="",r.supports&&(t+="@supports (".concat(r.supports,") {")),r.media&&(t+="@media ".concat(r.media," {")),(i=void 0!==r.layer)&&(t+="@layer".concat(r.layer.length>0?" ".concat(r.layer):""," {")),t+=r.css,i&&(t+="}"),r.media&&(t+="}"),r.supports&&(t+="}"),(a=r.sourceMap)&&"u">typeof btoa&&(t+="\n/*# sourceMappingURL=data:application/json;base64,".concat(btoa(unescape(encodeURIComponent(JSON.stringify(a))))," */")),o.styleTagTransform(t,e,o.options)},remove:function(){var o;null===(o=e).parentNode||o.parentNode.removeChild(o)}}}},34(o){o.exports=function(o,e){if(e.styleSheet)e.styleSheet.cssText=o;else{for(;e.firstChild;)e.removeChild(e.firstChild);e.appendChild(document.createTextNode(o))}}}}]);