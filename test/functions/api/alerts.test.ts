import { expect, test } from 'vitest';
import { createAlertEndpoints } from '../../../functions/api/alerts.ts';
import type { Alert } from '../../../shared/alerts/alert.ts';
import { publicId } from '../../../shared/entities/public-id.ts';
import { alertOf, T0 } from '../../shared/alerts/examples.ts';
import { MovableClock, tenantNamed } from '../../shared/collect/fakes.ts';
import { anybody, apiOf } from './asking.ts';

function ask(alert: Alert) {
  const alerts = { list: async () => ({ items: [alert] }), readEpisode: async () => alert };
  return apiOf(createAlertEndpoints({ alerts, clock: new MovableClock() }), anybody(tenantNamed('demo')));
}
const UPLINK = { by: 'core/gw#reach-down', episode: T0, name: 'Core gateway', since: T0 };
const SHOWN = {
  alert: publicId('core/gw#reach-down#2026-11-20T10:00:00.000Z'),
  entityName: 'Core gateway',
  since: '2026-11-20T10:00:00.000Z',
};

test.each([
  ['that nothing mutes says so', {}, null],
  ['names the alert that mutes it, and since when', { muted: UPLINK }, { ...SHOWN, until: null }],
  [
    'also when that one is over, and until when',
    { muted: { ...UPLINK, until: T0 + 60_000 } },
    { ...SHOWN, until: '2026-11-20T10:01:00.000Z' },
  ],
])('an alert %s', async (_, part, mutedBy) => {
  const api = ask(alertOf(part));
  expect((await api('GET /v1/alerts')).body.items).toMatchObject([{ mutedBy }]);
  expect((await api('GET /v1/alerts/{id}', { params: { id: 'x' } })).body).toMatchObject({ mutedBy });
});
