/** The alert store's contract in memory, with a switch that makes the next write fail at a chosen place. */
import type { Alert, TimelineEntry } from '../../../shared/alerts/alert.ts';
import type { AlertStore } from '../../../shared/alerts/alerts.port.ts';
import { alertId } from '../../../shared/alerts/keys.ts';
import { handOver } from '../../../shared/alerts/outbox.ts';

export type Fault = 'before write' | 'after history' | 'after write';

export class Crash extends Error {}

export interface MemoryAlerts {
  readonly store: Pick<
    AlertStore,
    'readOpen' | 'listOpen' | 'openOfTarget' | 'openOfEntity' | 'apply' | 'clearOutbox' | 'readFinished'
  >;
  readonly open: Map<string, Alert>;
  /** By alertId. */
  readonly history: Map<string, Alert>;
  readonly rows: Map<string, TimelineEntry[]>;
  /** The next `apply` that writes throws a Crash there. */
  failNext(fault: Fault | undefined): void;
}

export function createMemoryAlerts(): MemoryAlerts {
  const open = new Map<string, Alert>();
  const history = new Map<string, Alert>();
  const rows = new Map<string, TimelineEntry[]>();
  let armed: Fault | undefined;
  const crash = (here: Fault): void => {
    if (armed !== here) return;
    armed = undefined;
    throw new Crash(here);
  };
  const store: MemoryAlerts['store'] = {
    readOpen: async (_tenant, fingerprint) => open.get(fingerprint),
    listOpen: async () => [...open.values()],
    openOfTarget: async (ref) => [...open.values()].filter((a) => a.kind === ref.kind && a.target === ref.target),
    openOfEntity: async (_tenant, entity) => [...open.values()].filter((a) => a.entity === entity),
    readFinished: async (_tenant, fingerprint, activeAt) => history.get(alertId({ fingerprint, activeAt })),
    async apply(before, { change, alert, finished, overflow }) {
      const subject = alert ?? before;
      if (change === 'none' || !subject) return true;
      crash('before write');
      for (const part of overflow) {
        const id = alertId({ fingerprint: subject.fingerprint, activeAt: part.activeAt });
        rows.set(id, [...(rows.get(id) ?? []), ...part.rows]);
      }
      if (finished) history.set(alertId(finished), finished);
      crash('after history');
      const current = open.get(subject.fingerprint);
      if (current?.version !== before?.version || current?.activeAt !== before?.activeAt) return false;
      if (change === 'finished' && current?.outbox.length !== 0) return false;
      if (alert) open.set(alert.fingerprint, alert);
      else open.delete(subject.fingerprint);
      crash('after write');
      return true;
    },
    async clearOutbox(_tenant, fingerprint, activeAt, handed, now, holding) {
      const current = open.get(fingerprint);
      if (current?.activeAt !== activeAt) return undefined;
      const { alert } = handOver(current, handed, now, holding);
      if (alert === current) return current;
      open.set(fingerprint, { ...alert, version: current.version + 1 });
      return open.get(fingerprint);
    },
  };
  const failNext = (fault: Fault | undefined): void => {
    armed = fault;
  };
  return { store, open, history, rows, failNext };
}
