/** The demo's devices whose reach is watched. Pure. */
import type { SourceSeed } from './seed.ts';

/** What the provider's routers see of its neighbours, simulated like them; and the house's own page, for real. */
export function reachSeed(via: string, pagePort: number): SourceSeed {
  const pinged = { 'NTTN gateway': '198.51.100.1', 'Gulshan switch': '192.0.2.11', 'Mirpur switch': '192.0.2.12' };
  return {
    id: 'reach',
    type: 'ping',
    name: 'Dhaka',
    settings: {
      via,
      targets: [
        ...Object.entries(pinged).map(([name, host]) => ({ name, host, method: 'router' })),
        { name: 'this page', host: '127.0.0.1', method: 'tcp', port: pagePort },
      ],
    },
  };
}
