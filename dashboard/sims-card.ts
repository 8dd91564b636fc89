/** The card of one SIM that needs attention: what is left of its data, and how old that is. */
import { createBar } from './bar.ts';
import type { Moment } from './card.ts';
import type { Sim } from './contract.ts';
import { chip, element, type Row, setClass, setText } from './dom.ts';
import { duration } from './format.ts';
import { severityOf, simKey } from './urgency.ts';
import { ageWords, SEVERITY_WORDS, simAmountWords } from './words.ts';

export interface ShownSim {
  readonly sim: Sim;
  /** An alert says so. */
  readonly silent: boolean;
  readonly moment: Moment;
}

export function createSimCard(): Row<ShownSim> {
  const name = element('h3');
  const [severity, silence, off] = [chip(), chip(), chip()];
  const simulated = element('span', 'tag', 'simulated');
  const tags = element('div', 'tags', severity.node, silence.node, off.node);
  const [amount, left] = [element('strong'), element('span')];
  const bar = createBar();
  const [iccid, age] = [element('span', 'quiet'), element('p', 'quiet')];
  const node = element(
    'li',
    'card sim',
    element('div', 'head', element('div', 'tags', name, iccid), tags),
    element('p', 'amount', amount, ' ', left),
    bar.node,
    element('div', 'head', age, simulated),
  );
  return {
    node,
    update({ sim, silent, moment }) {
      const worst = severityOf(moment.worst, 'sim', simKey(sim), sim.account);
      setClass(node, `card sim ${worst ?? 'unknown'}`);
      setText(name, sim.label ?? sim.iccid);
      setText(iccid, sim.label === null ? '' : sim.iccid);
      severity.set(worst ?? 'info', worst ? SEVERITY_WORDS[worst] : '');
      const { silentSeconds } = sim.lastSeen;
      const forTime = silentSeconds === null ? '' : ` for ${duration(silentSeconds + moment.sinceSeconds)}`;
      silence.set('clock', silent ? `Silent${forTime}` : '');
      off.set('unknown', sim.status === 'disabled' ? 'Disabled' : '');
      simulated.hidden = !sim.simulated;
      const words = simAmountWords(sim);
      setText(amount, words.amount);
      setText(left, words.more);
      const { remainingPercent: percent, ageSeconds } = sim.data;
      bar.update(percent === null ? undefined : Math.max(0, percent));
      const read = ageWords(ageSeconds === null ? undefined : ageSeconds + moment.sinceSeconds, false);
      setText(age, read);
    },
  };
}
