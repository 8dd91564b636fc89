/** A provider in memory: SIMs with values that tests set, calls that are counted, and failures on demand. */
import type { Operation } from '../../../shared/collect/collector.port.ts';
import type { Clock } from '../../../shared/platform/clock.ts';
import type { AppError } from '../../../shared/platform/errors.ts';
import type { Answer, EventPage, OnenceClient, SimPage } from '../../../shared/sims/onence.port.ts';
import type { DayUsage, ListedSim, Quota, SimStatus } from '../../../shared/sims/sim.ts';

export interface ProvidedSim {
  listed: ListedSim;
  data: Quota | undefined;
  sms: Quota | undefined;
  status: SimStatus | undefined;
  days: DayUsage[];
}

/** The n-th of them. */
export function iccidAt(index: number): string {
  return `8988${String(index).padStart(15, '0')}`;
}

const PAGE_SIZE = 100;
const CALL_MS = 10;

export class FleetProvider implements OnenceClient {
  readonly sims = new Map<string, ProvidedSim>();
  /** Names of calls, in order; with the ICCID where there is one. */
  readonly calls: string[] = [];
  /** Asked before every call: what it gives is what the caller is thrown. */
  failure: (call: string, iccid?: string) => AppError | undefined = () => undefined;
  /** Stands in for a page. */
  page: (page: number) => SimPage | undefined = () => undefined;
  readonly #clock: Clock & { advance(ms: number): void };

  constructor(clock: Clock & { advance(ms: number): void }, count: number) {
    this.#clock = clock;
    for (let i = 0; i < count; i++) this.add(i);
  }

  add(index: number): ProvidedSim {
    const iccid = iccidAt(index);
    const sim: ProvidedSim = {
      listed: { iccid, status: 'Enabled', enabled: true, label: `unit-${index}`, dataLevel: 'sufficient' },
      data: { service: 'data', remaining: 400_000_000n, total: 500_000_000n, expiresAt: Date.parse('2035-01-01') },
      sms: { service: 'sms', remaining: 240n, total: 250n },
      status: { presence: 'online', presenceText: 'ONLINE', countryCode: 'KE', operatorName: 'ExampleTel' },
      days: [{ day: '2030-03-15', dataTotal: 1_000_000n + BigInt(index), dataRx: 1n, dataTx: 2n }],
    };
    this.sims.set(iccid, sim);
    return sim;
  }

  at(index: number): ProvidedSim {
    const sim = this.sims.get(iccidAt(index));
    if (!sim) throw new Error(`there is no SIM ${index}`);
    return sim;
  }

  count(call: string): number {
    return this.calls.filter((one) => one.startsWith(call)).length;
  }

  /** A copy each time, as the real client gives. */
  get operations(): Operation[] {
    return this.calls.map((name) => ({ name, ok: true, responseMs: CALL_MS }));
  }

  #call(name: string, iccid?: string): void {
    const failure = this.failure(name, iccid);
    this.calls.push(iccid === undefined ? name : `${name} ${iccid}`);
    this.#clock.advance(CALL_MS);
    if (failure) throw failure;
  }

  #answer<T>(name: string, iccid: string, of: (sim: ProvidedSim) => T | undefined): Answer<T> {
    this.#call(name, iccid);
    const sim = this.sims.get(iccid);
    return { value: sim && of(sim), rejected: [], receivedAt: this.#clock.now() };
  }

  async listSims(page: number): Promise<SimPage> {
    this.#call(`list ${page}`);
    const all = [...this.sims.values()].map((sim) => sim.listed);
    const totalPages = Math.max(1, Math.ceil(all.length / PAGE_SIZE));
    const sims = all.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE);
    return this.page(page) ?? { sims, rejected: [], page, totalPages, totalCount: all.length };
  }
  readSim = async (iccid: string) => this.#answer('sim', iccid, (sim) => sim.listed);
  readQuota = async (iccid: string, service: 'data' | 'sms') =>
    this.#answer(`quota-${service}`, iccid, (sim) => sim[service]);
  readUsage = async (iccid: string, from: string, to: string) =>
    this.#answer('usage', iccid, (sim) => sim.days.filter(({ day }) => day >= from && day <= to));
  readStatus = async (iccid: string) => this.#answer('status', iccid, (sim) => sim.status);
  readCell = async (iccid: string) => this.#answer('cell', iccid, () => ({ mcc: '260', mnc: '3', lac: 1, cellId: 2 }));
  readEvents = async (iccid: string): Promise<Answer<EventPage>> =>
    this.#answer('events', iccid, () => ({ events: [], totalPages: 1 }));
  readSms = async (iccid: string) => this.#answer('sms', iccid, () => []);
  readLimits = async () => this.#answer('limits', iccidAt(0), () => []);
  changeSim = async () => undefined;
  changeSims = async () => undefined;
  resetConnectivity = async () => undefined;
  sendSms = async () => undefined;
  cancelSms = async () => undefined;
  setLimits = async () => undefined;
  topUp = async () => undefined;
  extend = async () => undefined;
  setAutoTopUp = async () => undefined;
}
