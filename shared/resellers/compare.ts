/** What a router has against what it is to have: each difference in words that a person can act on. Pure. */
import type { RouterLimits } from '../interfaces/limits.port.ts';
import { coversTarget, type Limit, type Queue, sameLimit } from '../interfaces/limits.ts';
import { displayText } from '../interfaces/text.ts';
import { AppError } from '../platform/errors.ts';
import { canonicalNetwork, mbpsOfBits, overlap, type WantedPlace } from './reseller.ts';
import { type Difference, formerlyCut, type Task } from './work.ts';

/** What was read of one place of a router. */
export interface Found {
  readonly queue: Queue | undefined;
  /** Everything that the router cuts off. */
  readonly cut: readonly string[];
}

type QueuesRead = Awaited<ReturnType<RouterLimits['readQueues']>>;

/** Throws SOURCE_MALFORMED where the queue may be among what could not be understood: missing is not the same as unread. */
export function foundOf(name: string, { queues, rejected }: QueuesRead, cut: readonly string[]): Found {
  const queue = queues.find((one) => one.name === name);
  const unread = unreadOf(rejected);
  if (queue || unread === 0) return { queue, cut };
  const message = `${unread} queues of the router could not be understood, and "${name}" is not among the others`;
  throw new AppError('SOURCE_MALFORMED', message);
}

/** `firewall` is about no queue, `queue NAME` about one that was understood; any other path is of a row that was not. */
const NOTE_PATH = /^(firewall$|queue )/;

/**
 * How many rows stand for queues that were not understood. The row without a path says that there are more rows: they are
 * like those before it, and notes of queues come last.
 */
function unreadOf(rejected: QueuesRead['rejected']): number {
  const areMoreNotes = rejected.some(({ path }) => path.startsWith('queue '));
  return rejected.filter(({ path }) => !NOTE_PATH.test(path) && !(path === '' && areMoreNotes)).length;
}

/** A hostile router may name thousands of things. */
const MAX_SHOWN = 10;
const MAX_TEXT = 100;

/** Empty when the router has what is wanted. Of a suspended reseller only the cut matters. */
export function differences(wanted: WantedPlace, found: Found): Difference[] {
  if (wanted.cut) return missingCuts(wanted.targets, found.cut);
  return [...queueDifferences(wanted, wanted.limit, found.queue), ...cuts(wanted, found.cut)];
}

/** What is still there of a place of which nothing is wanted any more. */
export function leftovers(task: Pick<Task, 'place' | 'keptCut'>, found: Found): Difference[] {
  const cut = stillCut(formerlyCut(task), found.cut);
  const { place } = task;
  return [
    ...(place.mayHold && found.queue
      ? [{ what: 'queue' as const, wanted: 'none', found: shown(found.queue.name) }]
      : []),
    ...(cut.length > 0 ? [{ what: 'cut' as const, wanted: 'none', found: listText(cut) }] : []),
  ];
}

/** Entries of the router's list that keep something of these targets off. */
export function blocking(targets: readonly string[], cut: readonly string[]): string[] {
  return cut.filter((entry) => targets.some((target) => overlap(entry, target)));
}

/** Those of ours that stand in the router's list as they are. */
export function stillCut(mayCut: readonly string[], cut: readonly string[]): string[] {
  const listed = new Set(cut.map(canonical));
  return mayCut.filter((target) => listed.has(canonical(target)));
}

/** Targets of which something still passes. */
export function uncut(targets: readonly string[], cut: readonly string[]): string[] {
  return targets.filter((target) => !cut.some((entry) => coversTarget(entry, target)));
}

/** Empty when nothing of these targets passes. */
export function missingCuts(targets: readonly string[], cut: readonly string[]): Difference[] {
  const open = uncut(targets, cut);
  if (open.length === 0) return [];
  return [{ what: 'cut', wanted: `cut off: ${listText(targets)}`, found: `not cut off: ${listText(open)}` }];
}

function cuts({ targets }: WantedPlace, cut: readonly string[]): Difference[] {
  const entries = blocking(targets, cut);
  return entries.length === 0 ? [] : [{ what: 'cut', wanted: 'none', found: `cut off: ${listText(entries)}` }];
}

function queueDifferences({ targets, queue: name }: WantedPlace, limit: Limit, queue: Queue | undefined): Difference[] {
  if (!queue) return [{ what: 'queue', wanted: shown(name), found: 'none' }];
  const out: Difference[] = [];
  const differ = (what: Difference['what'], wanted: string, found: string) => out.push({ what, wanted, found });
  if (queue.dynamic) differ('dynamic', 'a queue of its own', 'made by a session: only RADIUS can change it');
  if (queue.disabled) differ('disabled', 'on', 'off: its targets are without a limit');
  if (!sameLimit(limit, queue.limit)) differ('limit', limitText(limit), limitText(queue.limit));
  if (!sameTargets(targets, queue.targets)) differ('targets', listText(targets), listText(queue.targets));
  return out;
}

function sameTargets(a: readonly string[], b: readonly string[]): boolean {
  const names = (list: readonly string[]) => JSON.stringify([...new Set(list.map(canonical))].sort());
  return names(a) === names(b);
}

function canonical(target: string): string {
  return canonicalNetwork(target) ?? target;
}

/** As people say it: what the customer receives first. */
export function limitText({ toTargetBitsPerSecond: to, fromTargetBitsPerSecond: from }: Limit): string {
  const rate = (bits: number | undefined) => (bits === undefined ? 'without a limit' : `${mbpsOfBits(bits)} Mb/s`);
  return `down ${rate(to)}, up ${rate(from)}`;
}

function listText(list: readonly string[]): string {
  const more = list.length - MAX_SHOWN;
  const text = list.slice(0, MAX_SHOWN).map(shown).join(', ');
  return list.length === 0 ? 'nothing' : more > 0 ? `${text} and ${more} more` : text;
}

function shown(text: string): string {
  return displayText(text, MAX_TEXT);
}

/** What a person is told when the router does not have what was just written. */
export function differenceText(list: readonly Difference[]): string {
  return list.map(({ what, wanted, found }) => `${what}: wanted ${wanted}, found ${found}`).join('; ');
}
