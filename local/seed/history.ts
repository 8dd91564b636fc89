/** The demo's 30 days of history: the simulated accounts' own curve, through the product's own history import. */

import { taaraHistory } from '../simulators/taara.ts';
import type { TaaraAccount } from '../simulators/taara-accounts.ts';
import { type ApiClient, expectOk } from './client.ts';

const DAYS = 30;
const DAY_MS = 86_400_000;
const STEP_MS = 15 * 60_000;

export async function importDemoHistory(
  api: ApiClient,
  accounts: readonly TaaraAccount[],
  now: number,
  say: (line: string) => void,
): Promise<void> {
  const to = Math.floor(now / STEP_MS) * STEP_MS;
  const from = to - DAYS * DAY_MS;
  for (const account of accounts) {
    const { body } = await api.get(
      `/v1/bundles/${account.name}~${account.plans[0]?.planId}/samples?step=1d&from=${new Date(from).toISOString()}`,
    );
    const days = (body as { points?: { value: string | null }[] } | undefined)?.points ?? [];
    if (days.filter((d) => d.value !== null).length > 3) continue;
    const rows = taaraHistory(account, from, to, STEP_MS);
    const lines = rows.map((r) => `${new Date(r.at).toISOString()},${r.planId},${r.remainingOctets}`);
    const answer = await api.sendCsv(
      `/v1/sources/${account.name}/history`,
      ['at,entity,remaining', ...lines].join('\n'),
    );
    expectOk(`history of ${account.name}`, answer);
    say(`history  ${rows.length} readings of ${account.title}`);
  }
}
