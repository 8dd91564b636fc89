/** Lets a Junos ping by NETCONF, with the settings and credentials of the source that it is. */
import type { Operation } from '../collect/collector.port.ts';
import { AppError } from '../platform/errors.ts';
import { cleaner, type JunosDeps } from './junos.netconf.ts';
import { ELEMENTS, LISTS } from './junos.wire.ts';
import { fromWireJunosPing } from './junos-ping.convert.ts';
import { MAX_PING_ELEMENTS, PING_ELEMENTS, pingOperation } from './junos-ping.wire.ts';
import { DEFAULT_NETCONF_PORT, junosReader, junosSecret, junosSettings, pinOf } from './junos-settings.ts';
import type { PingRequest, RouterPing } from './ping.port.ts';
import { noteIn } from './rest-page.ts';
import { configurationOf, resolveRouter } from './router-reach.http.ts';
import type { LimitsJob } from './routeros-limits.http.ts';
import { type NetconfSession, openNetconf } from './session.netconf.ts';
import { encoded, xmlParser } from './xml.ts';

const RAW_TEXT_LIMIT = 500;
const parsePing = xmlParser([...ELEMENTS.reply, ...PING_ELEMENTS], LISTS.reply, MAX_PING_ELEMENTS);

/** Connects with the first ping. Throws SOURCE_REJECTED for what cannot be used, SOURCE_UNAVAILABLE without an address. */
export async function openJunosPing({ clock, resolve }: JunosDeps, job: LimitsJob): Promise<RouterPing> {
  const { settings, secret } = configurationOf(job, { settings: junosSettings, secret: () => junosSecret });
  const credentials = junosReader(secret);
  const operations: Operation[] = [];
  const clean = cleaner(credentials);
  const note = noteIn(operations, clean);
  const address = await resolveRouter(resolve, job, settings.host, operations);
  const { port = DEFAULT_NETCONF_PORT } = settings;
  const place = { address, port, pin: pinOf(settings), credentials, clock, deadline: job.deadline };
  let opening: Promise<NetconfSession> | undefined;
  return {
    operations,
    async ping(request) {
      opening ??= note('connect', () => openNetconf(place));
      const session = await opening;
      return note(`ping ${request.host}`, async () => {
        const { value, text } = await session.call(operationOf(request), parsePing);
        const converted = fromWireJunosPing(value);
        if (converted.ok) return converted.result;
        const rawText = clean(text, RAW_TEXT_LIMIT);
        throw new AppError('SOURCE_MALFORMED', `the router sent ${converted.problem}`, { context: { rawText } });
      });
    },
    close() {
      // Nobody waits for the leave that is taken; what fails of it has no use any more.
      opening?.then((session) => session.close()).catch(() => undefined);
    },
  };
}

/** Junos waits for whole seconds. */
function operationOf({ host, count, intervalMs }: PingRequest): string {
  return pingOperation(encoded(host), count, Math.max(1, Math.ceil(intervalMs / 1000)));
}
