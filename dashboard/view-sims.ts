/** The SIMs: how many, what of them needs attention, what was used, how complete and how old that is, and the worst few. */
import type { Moment } from './card.ts';
import type { LoadedSims, SimsOverview } from './contract.ts';
import { byId, chip, createRows, element, setClass, setText } from './dom.ts';
import { createSection } from './section.ts';
import { createSimCard, type ShownSim } from './sims-card.ts';
import type { Troubles } from './troubles.ts';
import { simKey, worstOfFleets } from './urgency.ts';
import { attentionWords, moreSimsWords, SEVERITY_WORDS, simCountWords, usedVolumeWords, walkWords } from './words.ts';

export function createSimsView(troubles: Troubles): { show(loaded: LoadedSims, moment: Moment): void } {
  const node = byId('sims');
  const section = createSection('sims', { plural: 'SIMs', empty: () => '' });
  const panel = createPanel(troubles);
  const list = element('ul', 'cards');
  // Some screen readers drop the list from a list without bullets.
  list.setAttribute('role', 'list');
  const more = element('p', 'note more');
  section.body.append(panel.node, list, more);
  const rows = createRows<ShownSim>(list, ({ sim }) => simKey(sim), createSimCard);
  return {
    show(loaded, moment) {
      const { overview, items = [], silent } = loaded;
      // A tenant without SIMs is not told about them, and a failure that is told at the top not again.
      node.hidden = overview === undefined ? !loaded.failure : overview.accounts.length === 0 && !loaded.failure;
      section.show(loaded, items.length);
      panel.node.hidden = overview === undefined;
      if (overview === undefined) return;
      panel.show(overview, loaded, moment);
      rows(items.map((sim) => ({ sim, silent: silent?.has(simKey(sim)) ?? false, moment })));
      setText(more, moreSimsWords(overview, items, silent));
    },
  };
}

interface Panel {
  readonly node: HTMLElement;
  show(overview: SimsOverview, loaded: LoadedSims, moment: Moment): void;
}

function createPanel(troubles: Troubles): Panel {
  const [amount, counts] = [element('strong'), element('span')];
  const severity = chip();
  const simulated = element('span', 'tag');
  const [attention, trouble] = [element('p', 'what'), element('p', 'trouble')];
  const [today, month] = [createUse('Used today (UTC)'), createUse('This month')];
  const walks = element('ul', 'quiet');
  walks.setAttribute('role', 'list');
  const walkRows = createRows<{ readonly account: string; readonly text: string }>(
    walks,
    ({ account }) => account,
    () => {
      const node = element('li');
      return { node, update: ({ text }) => setText(node, text) };
    },
  );
  const head = element(
    'div',
    'head',
    element('p', 'amount', amount, ' ', counts),
    element('div', 'tags', severity.node, simulated),
  );
  const node = element(
    'div',
    'card fleet',
    head,
    attention,
    element('dl', 'rates', today.node, month.node),
    walks,
    trouble,
  );
  const explain = createExplanation(troubles, trouble);
  return {
    node,
    show(overview, { silent, simulated: isSimulated = '' }, { worst, sinceSeconds }) {
      const { accounts, total } = overview;
      const worstOne = worstOfFleets(worst);
      setClass(node, `card fleet ${worstOne ?? 'unknown'}`);
      severity.set(worstOne ?? 'info', worstOne ? SEVERITY_WORDS[worstOne] : '');
      setText(simulated, isSimulated);
      const isUnseen = total === 0 && accounts.some((a) => a.lastWalkAt === null);
      setText(amount, isUnseen ? 'Unknown' : String(total));
      setText(counts, isUnseen ? 'how many' : simCountWords(overview));
      setText(attention, attentionWords(overview, silent?.size));
      today.show(overview.usedToday);
      month.show(overview.usedThisMonth);
      walkRows(
        accounts.map((a) => ({
          account: a.account,
          text: `${accounts.length > 1 ? `${a.name}: ` : ''}${walkWords(a, sinceSeconds)}`,
        })),
      );
      explain(accounts.find((a) => a.lastWalkAt === null || worst.has(`fleet:${a.account}`))?.account);
    },
  };
}

function createUse(name: string): { node: HTMLElement; show(used: SimsOverview['usedToday' | 'usedThisMonth']): void } {
  const [amount, part] = [element('dd'), element('dd', 'part')];
  return {
    node: element('div', '', element('dt', '', name), amount, part),
    show(used) {
      const words = usedVolumeWords(used);
      setText(amount, words.amount);
      setText(part, words.part);
    },
  };
}

/** Why an account is not read, by its newest run: what a person who has just connected one must know. */
function createExplanation(troubles: Troubles, node: HTMLElement): (account: string | undefined) => void {
  let wanted: string | undefined;
  setText(node, '');
  return (account) => {
    if (account !== wanted) setText(node, '');
    wanted = account;
    if (account === undefined) return;
    const say = (words: string): void => {
      if (wanted === account) setText(node, words);
    };
    // Without an answer nothing is added; the next look asks again.
    troubles.of(account).then(say, () => say(''));
  };
}
