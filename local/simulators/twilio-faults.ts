/** The faults that wait in the simulated Twilio: each strikes as many messages as it was asked for, oldest fault first. */
import type { MessageStatus } from '../../shared/notify/twilio.wire.ts';
import type { FaultRequest } from './simulator.ts';

/** What becomes of the next message. */
export type Fate =
  | { readonly kind: 'deliver' }
  | { readonly kind: 'refuse'; readonly code: number }
  | { readonly kind: 'end'; readonly status: MessageStatus; readonly code: number }
  | { readonly kind: 'server-error' }
  | { readonly kind: 'silent before' }
  | { readonly kind: 'silent after' };

interface WaitingFault {
  readonly name: string;
  readonly fate: Fate;
  left: number;
}

/** Errors of the carriers and of WhatsApp come after the message was accepted, all others in the answer. */
function comesLate(code: number): boolean {
  return (code >= 30_000 && code < 31_000) || code >= 63_000;
}

export class TwilioFaults {
  private readonly queue: WaitingFault[] = [];

  inject(fault: FaultRequest): void {
    const left = wholeNumber(fault.times ?? 1, 'times', 1, 1_000_000);
    this.queue.push({ name: fault.fault, fate: fateOf(fault), left });
  }

  next(): Fate {
    const fault = this.queue[0];
    if (!fault) return { kind: 'deliver' };
    fault.left--;
    if (fault.left <= 0) this.queue.shift();
    return fault.fate;
  }

  waiting(): { fault: string; times: number }[] {
    return this.queue.map(({ name, left }) => ({ fault: name, times: left }));
  }
}

function fateOf(fault: FaultRequest): Fate {
  switch (fault.fault) {
    case 'reject': {
      const code = wholeNumber(fault.code ?? 63016, 'code', 10_000, 99_999);
      const at = oneOf(fault.at ?? (comesLate(code) ? 'callback' : 'answer'), 'at', ['answer', 'callback']);
      return at === 'answer' ? { kind: 'refuse', code } : { kind: 'end', status: 'failed', code };
    }
    case 'undelivered':
      return { kind: 'end', status: 'undelivered', code: wholeNumber(fault.code ?? 30003, 'code', 10_000, 99_999) };
    case 'server-error':
      return { kind: 'server-error' };
    case 'time-out':
      return { kind: `silent ${oneOf(fault.when ?? 'after', 'when', ['before', 'after'])}` };
    default:
      throw new RangeError(`Twilio knows reject, undelivered, server-error and time-out, not "${fault.fault}"`);
  }
}

/** Accepts numbers and, because forms send text, digits. */
function wholeNumber(value: unknown, name: string, least: number, most: number): number {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  if (typeof number === 'number' && Number.isInteger(number) && number >= least && number <= most) return number;
  throw new RangeError(`${name} must be a whole number from ${least} to ${most}`);
}

function oneOf<T extends string>(value: unknown, name: string, allowed: readonly T[]): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found !== undefined) return found;
  throw new RangeError(`${name} must be ${allowed.map((a) => `"${a}"`).join(' or ')}`);
}
