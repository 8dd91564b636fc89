/** The open alerts: severity by word, shape and colour, since when, value and limit. */
import type { Alert, Loaded } from './contract.ts';
import { chip, createRows, element, type Row, setClass, setText } from './dom.ts';
import { clockTime } from './format.ts';
import { createSection } from './section.ts';
import { openAlerts } from './urgency.ts';
import { alertSinceWords, alertValueWords, SEVERITY_WORDS } from './words.ts';

interface ShownAlert {
  readonly alert: Alert;
  readonly now: number;
}

export function createAlertsView(): { show(loaded: Loaded<Alert>, now: number): void } {
  const section = createSection('alerts', {
    plural: 'alerts',
    empty: ({ readAt = 0 }) => `No open alerts, as of ${clockTime(readAt)}.`,
  });
  const list = element('ul', 'alerts');
  // Some screen readers drop the list from a list without bullets.
  list.setAttribute('role', 'list');
  section.body.append(list);
  const rows = createRows<ShownAlert>(list, ({ alert }) => alert.id, createAlertRow);
  return {
    show(loaded, now) {
      const open = openAlerts(loaded.items ?? []);
      section.show(loaded, open.length);
      rows(open.map((alert) => ({ alert, now })));
    },
  };
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
      const value = alertValueWords(alert);
      setText(what, value ? `${alert.ruleName}: ${value}` : alert.ruleName);
      setText(since, alertSinceWords(alert, now));
    },
  };
}
