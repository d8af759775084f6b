/** The answer to a fix: the best candidate, the others folded below it, or why there is none. */
import { element, withCode } from '../dom';
import type { Proposals } from '../protocol';
import type { Task } from '../task';
import { CandidateView } from './candidate';
import { folded, Section, type PanelContext } from './parts';

export function proposalsView(context: PanelContext, task: Task, proposals: Proposals): Section {
  const { trans } = context.words;
  const { failure, candidates, note } = proposals;
  const section = new Section(element('div', { class: 'jp-AiNotebook-proposals' }));
  if (failure) {
    const message = `${failure.ename}: ${failure.evalue.trim()}`;
    section.add(element('p', { class: 'jp-AiNotebook-failure', title: message }, message));
  }
  const [best, ...others] = candidates;
  if (best) {
    section.add(new CandidateView(context, task, best));
  }
  if (note !== undefined || !best) {
    const text = note ?? trans.__('No fix was found for this cell.');
    section.add(element('p', { class: 'jp-AiNotebook-note' }, ...withCode(text)));
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
