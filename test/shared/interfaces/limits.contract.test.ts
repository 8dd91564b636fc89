/** The contract of limits, over each make on its simulator and over the stand-in that other tests use. */
import { DYNAMIC, DYNAMIC_HELD, FIRST, HELD, limit, routerLimitsContract } from '../../contract/router-limits.ts';
import { FREE_INTERFACE, HELD_INTERFACE, IosxeLimitsWorld, police, shape } from './iosxe-limits-world.ts';
import { FREE_UNIT, HELD_UNIT, JunosLimitsWorld, policer } from './junos-limits-world.ts';
import { LimitsWorld } from './limits-world.ts';
import { MemoryLimits } from './memory-limits.ts';

for (const [name, api, faults] of [
  ['RouterOS over REST', 'rest', []],
  ['RouterOS by its binary API', 'binary', ['api-empty']],
  ['RouterOS before 6.43 by its binary API', 'binary', ['api-old-login']],
] as const) {
  routerLimitsContract(name, async () => {
    const world = await new LimitsWorld().start();
    for (const fault of faults) world.simulator.inject({ fault });
    return {
      limits: await world.limits(undefined, api),
      loseNextWrite: () => world.simulator.inject({ fault: 'lost-write' }),
      drift: ({ fromTargetBitsPerSecond: sent, toTargetBitsPerSecond: received }) =>
        world.simulator.inject({ fault: 'drift', queue: FIRST, maxLimit: `${sent}/${received}` }),
      close: () => world.close(),
    };
  });
}

routerLimitsContract(
  'IOS-XE over RESTCONF',
  async () => {
    const world = await new IosxeLimitsWorld().start();
    return {
      limits: await world.limits(),
      // A change is several calls there.
      loseNextWrite: () => world.simulator.inject({ fault: 'lost-write', times: 5 }),
      drift: async ({ fromTargetBitsPerSecond: sent = 0, toTargetBitsPerSecond: received = 0 }) => {
        await world.policy(`${FIRST}-in`, [police(sent)]);
        await world.policy(`${FIRST}-out`, [shape(received)]);
      },
      close: () => world.close(),
    };
  },
  { kind: 'interfaces', held: HELD_INTERFACE, free: FREE_INTERFACE },
);

routerLimitsContract(
  'Junos over NETCONF',
  async () => {
    const world = await new JunosLimitsWorld().start();
    return {
      limits: await world.limits(),
      loseNextWrite: () => world.simulator.inject({ fault: 'lost-write' }),
      drift: ({ fromTargetBitsPerSecond: sent, toTargetBitsPerSecond: received }) =>
        world.configure(
          `<firewall>${policer(`${FIRST}-in`, `${sent}`)}${policer(`${FIRST}-out`, `${received}`)}</firewall>`,
        ),
      close: () => world.close(),
    };
  },
  { kind: 'interfaces', held: HELD_UNIT, free: FREE_UNIT },
);

routerLimitsContract('limits in memory', async () => {
  const held = { limit: limit(50), disabled: false };
  const limits = new MemoryLimits([
    { name: FIRST, targets: [HELD], dynamic: false, ...held },
    { name: DYNAMIC, targets: [DYNAMIC_HELD], dynamic: true, ...held },
  ]);
  return {
    limits,
    loseNextWrite: () => {
      limits.lostWrites = 1;
    },
    drift: (changed) => {
      limits.queues = limits.queues.map((one) => (one.name === FIRST ? { ...one, limit: changed } : one));
    },
    close: async () => undefined,
  };
});
