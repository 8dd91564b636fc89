/** Resellers on a router that only a site reaches: the worker, the queue and the agent, each in its own time. */
import type { SiteRouter } from '../../agent/limits.ts';
import type { LimitsReport } from '../../functions/collect/limits.ts';
import type { OpenRouter } from '../../shared/interfaces/router-limits.ts';
import type { Table } from '../../shared/platform/table.dynamodb.ts';
import type { LimitsMessage } from '../../shared/resellers/resellers.contract.ts';
import { ROUTER, SiteWorld } from '../agent/site-world.ts';
import type { MemoryRouter } from '../shared/resellers/memory-router.ts';
import { ResellersWorld } from './resellers-world.ts';

interface Due {
  readonly at: number;
  readonly message: LimitsMessage;
  readonly isAgain?: true;
}

/** An invocation that ends in the middle: its message comes again, long after its holds have run out. */
export class Killed extends Error {}
const VISIBLE_AGAIN_MS = 540_000;

export class SiteResellersWorld extends ResellersWorld {
  readonly site = new SiteWorld(this.clock, this.table);
  readonly reports: LimitsReport[] = [];
  isAgentOn = true;
  /** Before each step that a worker takes on the table; throws Killed to end it there. */
  beforeStep: () => void = () => undefined;
  #askAt = 0;
  #due: Due[] = [];

  async start(): Promise<this> {
    await this.site.start();
    this.site.queue = { send: async (message) => this.queue.send(message as LimitsMessage) };
    this.addSiteRouter(ROUTER, this.router(ROUTER));
    return this;
  }

  addSiteRouter(id: string, router: MemoryRouter): void {
    this.site.putRouter('demo', id);
    this.site.routers.set(id, routerOf(router));
  }

  override deps(table: Table = this.table): ReturnType<ResellersWorld['deps']> {
    const openRouter: OpenRouter = (...args) => this.site.openRouter(table)(...args);
    return { ...super.deps(table), openRouter };
  }

  /** A process of its own, from now on. */
  restartAgent(): void {
    this.site.newAgent();
    [this.isAgentOn, this.#askAt] = [true, this.clock.at];
  }

  /** Everybody does what they do for so long: messages when they are due, the agent when it wants to. */
  async run(seconds: number): Promise<void> {
    const until = this.clock.at + seconds * 1000;
    for (;;) {
      for (const { message, delaySeconds = 0 } of this.queue.sent.splice(0)) {
        this.#due.push({ message, at: this.clock.at + delaySeconds * 1000 });
      }
      const due = this.#due.find(({ at }) => at <= this.clock.at);
      if (due) {
        this.#due = this.#due.filter((one) => one !== due);
        await this.#deliver(due);
      } else if (this.isAgentOn && this.#askAt <= this.clock.at) {
        this.#askAt = this.clock.at + (await this.site.look());
      } else {
        const next = Math.min(...this.#due.map(({ at }) => at), this.isAgentOn ? this.#askAt : until, until);
        this.clock.at = next;
        if (next >= until) return;
      }
    }
  }

  async #deliver({ message, isAgain }: Due): Promise<void> {
    const seen = this.table.view(() => this.beforeStep());
    try {
      this.reports.push(await this.work(message, this.deps(seen), isAgain));
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
      this.#due.push({ message, at: this.clock.at + VISIBLE_AGAIN_MS, isAgain: true });
    }
  }

  /** Messages that are on their way. */
  async dropMessages(): Promise<void> {
    this.queue.sent.splice(0);
    this.#due = [];
  }
}

function routerOf(router: MemoryRouter): SiteRouter {
  return { mayWrite: true, open: async () => router.open() };
}
