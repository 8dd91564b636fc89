/** Asks the API for the fleet at a glance and for the few SIMs that a person should see first. */
import type { Alert, LoadedSims, Sim, SimsOverview } from './contract.ts';
import { silentAlerts, simKey } from './urgency.ts';

/** What of the API is needed here. */
export interface SimReader {
  /** Throws Failure. */
  get<T>(path: string): Promise<T>;
}

/** More are counted, not listed. */
export const SHOWN_SIMS = 8;

/** One question, and up to three short lists where it finds something. `alerts` of undefined = unknown. Throws Failure. */
export async function readSims(api: SimReader, alerts: Promise<readonly Alert[] | undefined>): Promise<LoadedSims> {
  const [overview, open] = await Promise.all([api.get<SimsOverview>('/v1/sims/overview'), alerts]);
  const silent = silentAlerts(open ?? []);
  const lists = await Promise.all(attentionPaths(overview, silent).map((path) => readItems(api, path)));
  const isSilent = new Set(silent.keys());
  const found = new Map<string, Sim>();
  for (const sim of lists.flat()) {
    const key = simKey(sim);
    const needsAttention = sim.data.level === 'exhausted' || sim.data.level === 'low' || isSilent.has(key);
    if (needsAttention && !found.has(key) && found.size < SHOWN_SIMS) found.set(key, sim);
  }
  const seen = [...overview.latest, ...found.values()];
  // The overview itself does not say it: while nothing is known of any SIM, one is asked for.
  const one = seen.length === 0 && overview.total > 0 ? await readItems(api, '/v1/sims?limit=1') : seen;
  return {
    items: [...found.values()],
    overview,
    simulated: simulatedWords(one),
    ...(open === undefined ? {} : { silent: isSilent }),
  };
}

async function readItems(api: SimReader, path: string): Promise<readonly Sim[]> {
  return (await api.get<{ items: readonly Sim[] }>(path)).items;
}

/** Used up before low before silent; what has no place left is not asked for. */
function attentionPaths({ quotaAlerts }: SimsOverview, silent: ReadonlyMap<string, number>): string[] {
  const [exhausted, low] = [quotaAlerts.dataExhausted, quotaAlerts.dataLow];
  const paths: string[] = [];
  if (exhausted > 0) paths.push(`/v1/sims?quota=exhausted&sort=remainingPercent&limit=${SHOWN_SIMS}`);
  const room = SHOWN_SIMS - exhausted;
  if (low > 0 && room > 0) paths.push(`/v1/sims?quota=low&sort=remainingPercent&limit=${room}`);
  if (silent.size > 0 && room - low > 0) {
    // The limit is the rule's, as its alerts tell it; disabled SIMs are silent too, and no news.
    const seconds = Math.floor(Math.min(...silent.values()));
    paths.push(`/v1/sims?status=enabled&silentSeconds=${seconds}&sort=lastSeen&limit=${SHOWN_SIMS}`);
  }
  return paths;
}

function simulatedWords(sims: readonly Sim[]): string {
  if (!sims.some((s) => s.simulated)) return '';
  return sims.every((s) => s.simulated) ? 'simulated' : 'partly simulated';
}
