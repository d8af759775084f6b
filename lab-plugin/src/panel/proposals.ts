/** The answer to a fix or an improve: the best candidate, the others below it, or why there is none. */
import { element } from '../dom';
import type { Proposals } from '../protocol';
import type { Task } from '../task';
import { CandidateView } from './candidate';
import { folded, Section, type PanelContext } from './parts';
import { told } from './settings';

export function proposalsView(context: PanelContext, task: Task, proposals: Proposals): Section {
  const { trans } = context.words;
  const { failure, candidates, note } = proposals;
  const section = new Section(element('div', { class: 'jp-AiNotebook-proposals' }));
  if (failure) {
    const message = `${failure.ename}: ${failure.evalue.trim()}`;
    section.add(element('p', { class: 'jp-AiNotebook-failure', title: message }, message));
  }
  // Fixes compete, so the others are folded; improvements are each for itself.
  const shown = task.verb === 'fix' ? 1 : candidates.length;
  const [best] = candidates;
  const others = candidates.slice(shown);
  for (const candidate of candidates.slice(0, shown)) {
    section.add(new CandidateView(context, task, candidate));
  }
  if (note !== undefined || !best) {
    const text = note ?? trans.__('Nothing was found for this cell.');
    section.add(element('p', { class: 'jp-AiNotebook-note' }, ...told(context, text)));
  }
  if (others.length > 0) {
    const summary = trans._n('%1 other candidate', '%1 other candidates', others.length);
    section.add(
      folded([summary], 'jp-AiNotebook-details jp-AiNotebook-others', details => {
        for (const other of others) {
          details.add(new CandidateView(context, task, other));
        }
      })
    );
  }
  return section;
}
