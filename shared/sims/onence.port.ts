/** What the house asks of a 1NCE account, whichever generation of the API answers. */
import type { Operation, Rejected } from '../collect/collector.port.ts';
import type { Instant } from '../platform/clock.ts';
import type { CellReading, DayUsage, ListedSim, MonthlyLimit, Quota, SimEvent, SimStatus, Sms } from './sim.ts';

/** An answer and what of it could not be used. `value` undefined: the account has no such SIM (empty 200, 404). */
export interface Answer<T> {
  readonly value: T | undefined;
  readonly rejected: readonly Rejected[];
  /** When it arrived. */
  readonly receivedAt: Instant;
}

export interface SimPage {
  readonly sims: readonly ListedSim[];
  readonly rejected: readonly Rejected[];
  /** As the headers say; 1 where they say nothing. */
  readonly page: number;
  readonly totalPages: number;
  /** Undefined where the headers do not say. */
  readonly totalCount: number | undefined;
}

export interface EventPage {
  readonly events: readonly SimEvent[];
  readonly totalPages: number;
}

/** Fields that are absent stay as they are. */
export interface SimChange {
  readonly iccid: string;
  readonly label?: string;
  readonly enabled?: boolean;
  readonly imeiLock?: boolean;
}

export interface SmsDraft {
  readonly payload: string;
  readonly sourceAddress?: string;
}

export type PaymentMethod = 'banktransfer' | 'creditcard' | 'monthlyinvoice' | 'boleto';

/** Reads. Every call throws AppError SOURCE_*; the calls made so far are in `operations`, one line per name and outcome. */
export interface OnenceReader {
  readonly operations: readonly Operation[];
  /** Pages count from 1; 100 SIMs each. */
  listSims(page: number): Promise<SimPage>;
  readSim(iccid: string): Promise<Answer<ListedSim>>;
  readQuota(iccid: string, service: 'data' | 'sms'): Promise<Answer<Quota>>;
  /** Days in [from, to], `YYYY-MM-DD`, both included; the provider knows six months. Oldest first. */
  readUsage(iccid: string, from: string, to: string): Promise<Answer<readonly DayUsage[]>>;
  readStatus(iccid: string): Promise<Answer<SimStatus>>;
  readCell(iccid: string): Promise<Answer<CellReading>>;
  /** Newest first; pages count from 1. */
  readEvents(iccid: string, page: number, pageSize: number): Promise<Answer<EventPage>>;
  readSms(iccid: string, page: number, pageSize: number): Promise<Answer<readonly Sms[]>>;
  readLimits(): Promise<Answer<readonly MonthlyLimit[]>>;
}

/** Changes. A change whose answer was lost may have been made: callers say so and do not repeat what costs money. */
export interface OnenceActor {
  changeSim(change: SimChange): Promise<void>;
  /** At most 1000 at once; the provider works them off later. */
  changeSims(changes: readonly SimChange[]): Promise<void>;
  resetConnectivity(iccid: string): Promise<void>;
  /** Id of the message where the answer tells one. */
  sendSms(iccid: string, draft: SmsDraft): Promise<string | undefined>;
  cancelSms(iccid: string, id: string): Promise<void>;
  setLimits(limits: { dataLimitId: number; smsMtLimitId: number; smsMoLimitId: number }): Promise<void>;
  /** Cost money. Resolve to the order's number where the answer tells one. */
  topUp(iccids: readonly string[], payment: PaymentMethod): Promise<string | undefined>;
  extend(iccids: readonly string[], payment: PaymentMethod, productId?: number): Promise<string | undefined>;
  setAutoTopUp(iccids: readonly string[], enabled: boolean): Promise<void>;
}

export type OnenceClient = OnenceReader & OnenceActor;
