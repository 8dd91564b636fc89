/** What things hang on: uplinks as sources name them, and the chain of them up to the last. Pure. */
import { fromPublicId } from '../entities/public-id.ts';
import type { Source } from './source.ts';
import { SOURCE_ID_PATTERN } from './source-rules.ts';

/** A watched device, a link, a router as a whole, or one port of it. */
export const UPLINK_KINDS = ['reach', 'link', 'router', 'interface'] as const;
export type UplinkKind = (typeof UPLINK_KINDS)[number];

export interface Uplink {
  readonly kind: UplinkKind;
  /** Id of the source that is, has or feeds it. */
  readonly source: string;
  /** Behind the source in the entity's id: the device's name, or the port's. */
  readonly name?: string;
  /** What its alerts are about: an entity, or the source itself where its silence tells that it is down. */
  readonly entity: string;
}

/** A site behind a router behind a radio link behind a switch behind an NTTN link; more is a mistake. */
export const MOST_UPLINKS = 5;
/** Name of a link's only entity: its total is what is judged. */
export const LINK_TOTAL = 'total';
const MAX_TEXT = 300;
/** How people are told to write one. */
export const UPLINK_FORMS = 'reach:<source>/<device>, link:<id>, router:<id> or interface:<router>/<port>';

/** Undefined when the text names no uplink. Ids as the API shows them, or with the `/` that they stand for. */
export function parseUplink(text: string): Uplink | undefined {
  const [, word, shown = ''] = /^([a-z]+):(.+)$/su.exec(text) ?? [];
  const kind = UPLINK_KINDS.find((one) => one === word);
  if (kind === undefined || text.length > MAX_TEXT) return undefined;
  const id = fromPublicId(shown) ?? shown;
  const slash = id.indexOf('/');
  const source = slash < 0 ? id : id.slice(0, slash);
  const name = slash < 0 ? '' : id.slice(slash + 1);
  if (!SOURCE_ID_PATTERN.test(source)) return undefined;
  if (kind === 'link' || kind === 'router') {
    if (slash >= 0) return undefined;
    return { kind, source, entity: kind === 'link' ? `${source}/${LINK_TOTAL}` : source };
  }
  return name === '' ? undefined : { kind, source, name, entity: id };
}

/** The uplink that something of a source has of its own, by the name behind the source in its id. */
export type OwnUplink = (source: Pick<Source, 'type' | 'settings'>, name: string) => string | undefined;

/** A port hangs on its router; all else on what its source names, a device first on what it names itself. */
export function uplinkOver(
  uplink: Uplink,
  source: Pick<Source, 'type' | 'settings' | 'uplink'> | undefined,
  own: OwnUplink,
): string | undefined {
  if (uplink.kind === 'interface') return `router:${uplink.source}`;
  if (!source) return undefined;
  const named = (uplink.name === undefined ? undefined : own(source, uplink.name)) ?? source.uplink;
  // Whatever a whole source hangs on may be one of its own devices, which hangs on nothing then.
  return named === undefined || parseUplink(named)?.entity === uplink.entity ? undefined : named;
}

/**
 * Everything that hangs above, nearest first, the first included; at most `MOST_UPLINKS`. `from` is the entity that hangs
 * there. Undefined when the way leads back: then nobody can say what hangs on what.
 */
export async function uplinksAbove(
  from: string,
  first: string,
  over: (uplink: Uplink) => Promise<string | undefined>,
): Promise<Uplink[] | undefined> {
  const seen = new Set([from]);
  const above: Uplink[] = [];
  let next: string | undefined = first;
  while (next !== undefined && above.length <= MOST_UPLINKS) {
    const uplink = parseUplink(next);
    if (!uplink) break;
    if (seen.has(uplink.entity)) return undefined;
    seen.add(uplink.entity);
    above.push(uplink);
    next = await over(uplink);
  }
  return above;
}
