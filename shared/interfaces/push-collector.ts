/** The driver of sites that send by themselves: nothing is called, what was sent came with the message. Inert. */
import type { CollectJob, Collector, Page } from '../collect/collector.port.ts';
import { keptRejected } from '../collect/rejected.ts';
import { AppError } from '../platform/errors.ts';
import { issuesOf } from '../platform/issues.ts';
import { INTERFACE_KIND } from './metrics.ts';
import { pushedReading } from './push.contract.ts';
import { fromPushedReading } from './push.convert.ts';
import { pushSettings } from './push-settings.ts';
import { configuredSpeed } from './speeds.ts';

/** Throws SOURCE_MALFORMED for a message that holds no reading; nothing else can fail. */
export function createPushCollector(): Collector {
  return { kind: INTERFACE_KIND, read: async (job) => toPage(job) };
}

function toPage({ source, slot, checkpoint, known }: CollectJob): Page {
  const parsed = pushedReading.safeParse(checkpoint);
  if (!parsed.success) {
    const issues = issuesOf(pushedReading, checkpoint);
    throw new AppError('SOURCE_MALFORMED', 'the message holds no reading of a site', { context: { issues } });
  }
  const settings = pushSettings.safeParse(source.settings);
  const { id, name, simulated } = source;
  const site = {
    id,
    name,
    simulated,
    configuredSpeed: (ifName: string) => configuredSpeed(settings.data ?? {}, ifName),
  };
  const { readings, entities, rejected } = fromPushedReading(parsed.data, site);
  const isNewest = (known?.newest ?? []).every((entity) => entity.slot <= slot);
  const listed = new Set((known?.entities ?? []).map((entity) => entity.id));
  return {
    readings,
    // What was kept back for a while tells nothing new about ports that were described since.
    entities: isNewest ? entities : entities.filter((draft) => !listed.has(draft.id)),
    rejected: keptRejected(rejected),
    operations: [],
    complete: isNewest && rejected.length === 0,
  };
}
