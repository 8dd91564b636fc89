/** The contract of limits over the way of a site: the house's commands, the real agent, and RouterOS on its simulator. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readRouters } from '../../agent/routers-file.ts';
import { WaitingForSite } from '../../shared/collect/site-work.ts';
import type { RouterLimits } from '../../shared/interfaces/limits.port.ts';
import { type RouterWork, withRouter } from '../../shared/interfaces/router-limits.ts';
import { FIRST, routerLimitsContract } from '../contract/router-limits.ts';
import { PASSWORD, USER } from '../local/simulators/routeros-world.ts';
import { LimitsWorld } from '../shared/interfaces/limits-world.ts';
import { ROUTER, SiteWorld } from './site-world.ts';

/** Each call is a work of its own, done again whenever the agent has answered. */
function behindSite(world: SiteWorld): RouterLimits {
  let works = 0;
  async function call<T>(act: (router: RouterLimits) => Promise<T>): Promise<T> {
    const id = String(++works);
    const work: RouterWork = {
      id,
      begunBy: id,
      wake: { id },
      replaces: () => false,
      look: async () => undefined,
      resume: async () => undefined,
    };
    for (;;) {
      try {
        return await withRouter(await world.openRouter()('demo', ROUTER, 0, work), act);
      } catch (error) {
        if (!(error instanceof WaitingForSite)) throw error;
        await world.ask();
      }
    }
  }
  return {
    operations: [],
    readQueues: () => call((router) => router.readQueues()),
    writeLimit: (wanted) => call((router) => router.writeLimit(wanted)),
    removeQueue: (name) => call((router) => router.removeQueue(name)),
    readCut: () => call((router) => router.readCut()),
    cut: (targets) => call((router) => router.cut(targets)),
    reconnect: (targets) => call((router) => router.reconnect(targets)),
    close: () => undefined,
  };
}

routerLimitsContract('RouterOS behind a site, by its agent', async () => {
  const outside = await new LimitsWorld().start();
  const world = await new SiteWorld().start();
  const folder = mkdtempSync(join(tmpdir(), 'headroom-agent-'));
  const file = join(folder, 'routers.json');
  const router = { host: '127.0.0.1', port: outside.simulator.routers[0]?.port, plainHttp: true };
  const entry = { ...router, user: USER, password: PASSWORD, write: true };
  writeFileSync(file, JSON.stringify({ routers: { [ROUTER]: entry } }), { mode: 0o600 });
  const wrong: string[] = [];
  for (const [id, known] of readRouters(file, wrong, () => world.clock.at)) world.routers.set(id, known);
  if (wrong.length > 0) throw new Error(wrong.join('; '));
  await world.ask();
  return {
    limits: behindSite(world),
    loseNextWrite: () => outside.simulator.inject({ fault: 'lost-write' }),
    drift: ({ fromTargetBitsPerSecond: sent, toTargetBitsPerSecond: received }) =>
      outside.simulator.inject({ fault: 'drift', queue: FIRST, maxLimit: `${sent}/${received}` }),
    close: async () => {
      rmSync(folder, { recursive: true });
      await outside.close();
    },
  };
});
