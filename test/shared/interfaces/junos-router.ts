/** What the tests of the Junos driver share: recorded shapes, the parser of the driver, and jobs for a router on loopback. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CollectJob } from '../../../shared/collect/collector.port.ts';
import { ELEMENTS, LISTS, MAX_ELEMENTS } from '../../../shared/interfaces/junos.wire.ts';
import { xmlParser } from '../../../shared/interfaces/xml.ts';
import { PASSWORD, USER } from '../../local/simulators/junos-world.ts';
import { jobFor } from './table-agent.ts';

export function fixture(name: 'aggregated' | 'extensive' | 'uptime'): string {
  return readFileSync(join(import.meta.dirname, '../../fixtures/junos', `${name}.xml`), 'utf8');
}

const parse = {
  interfaces: xmlParser(
    [...ELEMENTS.reply, ...ELEMENTS.interfaces],
    [...LISTS.reply, ...LISTS.interfaces],
    MAX_ELEMENTS,
  ),
  uptime: xmlParser([...ELEMENTS.reply, ...ELEMENTS.uptime], [...LISTS.reply, ...LISTS.uptime], MAX_ELEMENTS),
};

/** The `rpc-reply` of an answer, as the driver's converter gets it. */
export function replyOf(what: keyof typeof parse, xml: string): unknown {
  return parse[what](xml)['rpc-reply'];
}

/** A job for a router on loopback, whose host key is nobody's business unless the settings say otherwise. */
export function junosJob(port: number, overrides: Parameters<typeof jobFor>[1] = {}): CollectJob {
  const { secret = { user: USER, password: PASSWORD }, ...more } = overrides;
  const job = jobFor(port, { ...more, secret });
  return { ...job, source: { ...job.source, type: 'junos' } };
}
