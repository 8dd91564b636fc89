/** A router's limits in memory, for tests of whoever changes them: keeps the port's promises, and fails as it is told. */
import type { Operation, Rejected } from '../../../shared/collect/collector.port.ts';
import type { RouterLimits } from '../../../shared/interfaces/limits.port.ts';
import {
  canonicalTarget,
  coversTarget,
  type Limit,
  mayTouchTarget,
  type Queue,
  sameLimit,
  sameTargets,
} from '../../../shared/interfaces/limits.ts';
import { AppError } from '../../../shared/platform/errors.ts';

export class MemoryLimits implements RouterLimits {
  readonly operations: Operation[] = [];
  /** In order; tests may change it as somebody at the router would. */
  queues: Queue[] = [];
  rejected: Rejected[] = [];
  readonly cutTargets = new Set<string>();
  /** Thrown by the next calls, one each. */
  readonly failures: AppError[] = [];
  /** So many of the next changes are answered as done, and nothing is. */
  lostWrites = 0;
  closed = 0;

  constructor(queues: readonly Queue[] = []) {
    this.queues = [...queues];
  }

  async readQueues() {
    this.#call('read queues');
    return { queues: [...this.queues], rejected: this.rejected };
  }

  async writeLimit({
    name,
    targets,
    limit,
  }: {
    name: string;
    targets: readonly string[];
    limit: Limit;
  }): Promise<Queue> {
    if (Object.values(limit).includes(0)) throw new AppError('REQUEST_INVALID', 'limit: 0 would mean no limit');
    this.#call('write limit');
    const found = this.queues.find((queue) => queue.name === name);
    if (found) refuseDynamic(found);
    const before = found ? this.queues.slice(0, this.queues.indexOf(found)) : this.queues;
    const shadow = before.find(
      (queue) => !queue.disabled && targets.some((t) => queue.targets.some((held) => coversTarget(held, t))),
    );
    if (shadow)
      throw malformed(`would not limit by "${name}": the earlier queue "${shadow.name}" takes its packets first`);
    const wanted = { name, targets: targets.map(canonicalTarget), limit, dynamic: false, disabled: false };
    if (!found) {
      if (this.#isLost()) throw malformed(`took the queue "${name}", and does not have it`);
      this.queues.push(wanted);
      return wanted;
    }
    const isSo = sameLimit(found.limit, limit) && sameTargets(found.targets, targets) && !found.disabled;
    if (isSo || this.#isLost()) return found;
    const changed = { ...found, ...wanted };
    this.queues = this.queues.map((queue) => (queue === found ? changed : queue));
    return changed;
  }

  async removeQueue(name: string): Promise<void> {
    this.#call('remove queue');
    const found = this.queues.find((queue) => queue.name === name);
    if (!found) return;
    refuseDynamic(found);
    if (this.#isLost()) throw malformed(`said that the queue "${name}" is gone, and still has it`);
    this.queues = this.queues.filter((queue) => queue !== found);
  }

  async readCut() {
    this.#call('read cut');
    return [...this.cutTargets];
  }

  async cut(targets: readonly string[]): Promise<void> {
    const named = targets.map(cuttable);
    this.#call('cut');
    const open = named.filter((target) => !this.cutTargets.has(target));
    if (open.length > 0 && this.#isLost()) throw malformed(`took the order and did not cut off ${open.join(', ')}`);
    for (const target of named) this.cutTargets.add(target);
  }

  async reconnect(targets: readonly string[]): Promise<void> {
    const named = targets.map(cuttable);
    this.#call('reconnect');
    const held = named.filter((target) => this.cutTargets.has(target));
    if (held.length > 0 && this.#isLost()) throw malformed(`still cuts off ${held.join(', ')}`);
    for (const target of named) this.cutTargets.delete(target);
    const by = named.find((target) => [...this.cutTargets].some((entry) => mayTouchTarget(entry, target)));
    if (by !== undefined) throw malformed(`still cuts off ${by}`);
  }

  close(): void {
    this.closed++;
  }

  #call(name: string): void {
    const failure = this.failures.shift();
    this.operations.push({ name, ok: !failure, responseMs: 1, ...(failure ? { error: failure.message } : {}) });
    if (failure) throw failure;
  }

  #isLost(): boolean {
    if (this.lostWrites === 0) return false;
    this.lostWrites--;
    return true;
  }
}

function malformed(what: string): AppError {
  return new AppError('SOURCE_MALFORMED', `the router ${what}`);
}

function refuseDynamic({ name, dynamic }: Queue): void {
  if (dynamic) throw malformed(`made the queue "${name}" itself for a session, so it cannot be changed here`);
}

function cuttable(target: string): string {
  if (/^[0-9a-f.:]+(\/[0-9]+)?$/i.test(target)) return canonicalTarget(target);
  throw new AppError('REQUEST_INVALID', `"${target}" cannot be cut off`);
}
