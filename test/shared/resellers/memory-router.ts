/** A router in memory that keeps the port's promises, and can be told to fail, to lie and to be slow. */
import type { RouterLimits } from '../../../shared/interfaces/limits.port.ts';
import { coversTarget, type Queue } from '../../../shared/interfaces/limits.ts';
import { AppError, type ErrorCode, type ErrorContext } from '../../../shared/platform/errors.ts';

export class MemoryRouter {
  readonly queues = new Map<string, Queue>();
  cutOff: string[] = [];
  /** Somebody moved a rule: the list is only a list, and nobody is cut off. */
  isWithoutRules = false;
  /** Names of the calls that reached it. */
  readonly calls: string[] = [];
  rejected: { path: string; message: string }[] = [];
  opened = 0;
  closed = 0;
  /** Runs before a call takes effect; throws to refuse it, or waits. */
  before: (call: string) => Promise<void> | void = () => undefined;
  /** Runs after a call took effect; throws to lose its answer. */
  after: (call: string) => void = () => undefined;
  /** What it makes of a queue that is written. */
  bends: (queue: Queue) => Queue = (queue) => queue;

  writes(): string[] {
    return this.calls.filter((call) => !call.startsWith('read'));
  }

  open(): RouterLimits {
    this.opened++;
    const call = async <T>(name: string, effect: () => T): Promise<T> => {
      this.calls.push(name);
      await this.before(name);
      const result = effect();
      this.after(name);
      return result;
    };
    return {
      operations: [],
      readQueues: () => call('readQueues', () => ({ queues: [...this.queues.values()], rejected: this.rejected })),
      readCut: () => call('readCut', () => (this.isWithoutRules ? [] : [...this.cutOff])),
      writeLimit: ({ name, targets, limit }) =>
        call('writeLimit', () => {
          if (this.queues.get(name)?.dynamic) throw new AppError('SOURCE_MALFORMED', `the queue ${name} is dynamic`);
          const queue = this.bends({ name, targets, limit, dynamic: false, disabled: false });
          this.queues.set(name, queue);
          return queue;
        }),
      removeQueue: (name) => call('removeQueue', () => void this.queues.delete(name)),
      cut: (targets) =>
        call('cut', () => {
          this.isWithoutRules = false;
          this.cutOff = [...new Set([...this.cutOff, ...targets])];
        }),
      reconnect: (targets) =>
        call('reconnect', () => {
          this.cutOff = this.cutOff.filter((one) => !targets.includes(one));
          const by = this.cutOff.find((wide) => targets.some((target) => coversTarget(wide, target)));
          if (by !== undefined) throw new AppError('SOURCE_MALFORMED', `the router still cuts off ${by}`);
        }),
      close: () => {
        this.closed++;
      },
    };
  }
}

export function saying(code: ErrorCode, message = 'said by the router', context: ErrorContext = {}): AppError {
  return new AppError(code, message, { context });
}

/** The first so many calls of this name fail. */
export function failing(router: MemoryRouter, name: string, error: AppError, times = Number.POSITIVE_INFINITY): void {
  let left = times;
  router.before = (call) => {
    if (call === name && left-- > 0) throw error;
  };
}
