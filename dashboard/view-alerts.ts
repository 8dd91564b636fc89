/** The open alerts: severity by word, shape and colour, since when, value and limit. */
import type { Alert, Loaded } from './contract.ts';
import { chip, createRows, element, type Row, setClass, setText } from './dom.ts';
import { clockTime } from './format.ts';
import { createSection } from './section.ts';
import { leadAlerts, openAlerts } from './urgency.ts';
import { alertSinceWords, alertWords, SEVERITY_WORDS, severityCounts } from './words.ts';

interface ShownAlert {
  readonly alert: Alert;
  readonly now: number;
}

/** What is beyond is folded, and counted by severity; the worst SIMs stand in their own section as well. */
const mostOf = (kind: string): number => (kind === 'sim' ? 3 : 5);

export function createAlertsView(): { show(loaded: Loaded<Alert>, now: number): void } {
  const section = createSection('alerts', {
    plural: 'alerts',
    empty: ({ readAt = 0 }) => `No open alerts, as of ${clockTime(readAt)}.`,
  });
  const [list, moreList] = [element('ul', 'alerts'), element('ul', 'alerts')];
  // Some screen readers drop the list from a list without bullets.
  for (const ul of [list, moreList]) ul.setAttribute('role', 'list');
  const summary = element('summary');
  const more = element('details', '', summary, moreList);
  section.body.append(list, more);
  const rowsIn = (ul: HTMLElement) => createRows<ShownAlert>(ul, ({ alert }) => alert.id, createAlertRow);
  const [rows, moreRows] = [rowsIn(list), rowsIn(moreList)];
  return {
    show(loaded, now) {
      const open = openAlerts(loaded.items ?? []);
      section.show(loaded, open.length);
      const { lead, rest } = leadAlerts(open, mostOf);
      rows(lead.map((alert) => ({ alert, now })));
      more.hidden = rest.length === 0;
      setText(summary, moreWords(rest));
      moreRows(rest.map((alert) => ({ alert, now })));
    },
  };
}

function moreWords(rest: readonly Alert[]): string {
  const whose = rest.every((a) => a.kind === 'sim') ? ' of SIMs' : '';
  return `and ${rest.length} more${whose}: ${severityCounts(rest)}`;
}

function createAlertRow(): Row<ShownAlert> {
  const severity = chip();
  const name = element('h3');
  const simulated = element('span', 'tag', 'simulated');
  const what = element('p', 'what');
  const since = element('p', 'quiet');
  const node = element('li', '', element('div', 'head', severity.node, name, simulated), what, since);
  return {
    node,
    update({ alert, now }) {
      const pending = alert.state === 'pending';
      severity.set(
        pending ? 'pending' : alert.severity,
        pending ? `Pending ${alert.severity}` : SEVERITY_WORDS[alert.severity],
      );
      setClass(node, `alert ${pending ? 'pending' : alert.severity}`);
      setText(name, alert.entityName);
      simulated.hidden = !alert.simulated;
      setText(what, alertWords(alert));
      setText(since, alertSinceWords(alert, now));
    },
  };
}
