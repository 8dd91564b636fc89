/** What may be asked of a router that holds interfaces to limits, and no addresses: one queue, one interface. Pure. */
import { AppError, type Issue } from '../platform/errors.ts';
import { isAddresses, type Limit } from './limits.ts';

/** Stands in the names of policers and policy maps. */
const QUEUE_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/;

export interface WantedLimit {
  readonly name: string;
  readonly targets: readonly string[];
  readonly limit: Limit;
}

/** How a make names its interfaces, and which rates it takes. */
export interface InterfaceHolder {
  isInterface(name: string): boolean;
  /** Such as `ge-0/0/0.10`. */
  readonly example: string;
  readonly leastBitsPerSecond: number;
  readonly mostBitsPerSecond: number;
  /** Characters that the name of a queue may have. */
  readonly longestName: number;
}

/** What nobody may ask for; each issue says how to mend it. */
export function limitIssues(holder: InterfaceHolder, { name, targets, limit }: WantedLimit): Issue[] {
  const issues = nameIssues(holder, name);
  if (targets.length !== 1) issues.push({ path: 'targets', message: oneTarget(holder) });
  issues.push(...targetIssues(holder, targets));
  for (const field of ['fromTargetBitsPerSecond', 'toTargetBitsPerSecond'] as const) {
    const rate = limit[field];
    const { leastBitsPerSecond: least, mostBitsPerSecond: most } = holder;
    if (rate === undefined || (Number.isInteger(rate) && rate >= least && rate <= most)) continue;
    issues.push({ path: `limit.${field}`, message: `must be a whole number from ${least} to ${most} on this router` });
  }
  if (Object.values(limit).every((rate) => rate === undefined)) {
    const message = 'must be given in one direction at least: this router knows no queue without a limit';
    issues.push({ path: 'limit', message });
  }
  return issues;
}

export function nameIssues({ longestName: most }: InterfaceHolder, name: string): Issue[] {
  const message = `must be 1 to ${most} letters, digits and _ . - on this router, beginning with a letter or digit`;
  return name.length <= most && QUEUE_NAME.test(name) ? [] : [{ path: 'name', message }];
}

/** Of targets that are to be cut off or connected again, of which there may be several. */
export function targetIssues({ isInterface, example }: InterfaceHolder, targets: readonly string[]): Issue[] {
  return targets.flatMap((target, at) => {
    if (isInterface(target)) return [];
    const what = isAddresses(target) ? 'is an address, and this router holds interfaces' : 'is no interface here';
    const message = `${what}: give the interface on which the customer hangs, such as ${example}`;
    return [{ path: `targets[${at}]`, message }];
  });
}

/** Throws REQUEST_INVALID with all of them. */
export function refuseIssues(issues: readonly Issue[]): void {
  if (issues.length === 0) return;
  const text = issues.map(({ path, message }) => `${path}: ${message}`).join('; ');
  throw new AppError('REQUEST_INVALID', text, { context: { issues } });
}

function oneTarget({ example }: InterfaceHolder): string {
  return `must be one interface, such as ${example}: each would get the whole limit, so each needs a queue of its own`;
}
