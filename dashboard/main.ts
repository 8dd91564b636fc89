/** Starts the page: signs in, asks the API every 15 s while somebody looks, and shows what it says. */
import { type Api, createApi } from './api.ts';
import type { Alert, Bundle, BundleStats, Interface, Link, Loaded, LoadedSims } from './contract.ts';
import { byId, setText } from './dom.ts';
import { Failure, messageOf } from './failure.ts';
import { createLazy } from './lazy.ts';
import { type Config, goToSignIn, openSession, readConfig, type Session } from './sign-in.ts';
import { readSims } from './sims.ts';
import { createTroubles } from './troubles.ts';
import { worstByEntity } from './urgency.ts';
import { createAlertsView } from './view-alerts.ts';
import { createBundlesView } from './view-bundles.ts';
import { createHeaderView } from './view-header.ts';
import { createInterfacesView } from './view-interfaces.ts';
import { createLinksView } from './view-links.ts';
import { createSimsView } from './view-sims.ts';

const POLL_MS = 15_000;
/** On a slow link a poll may take a tenth of the time, no more. */
const SLOW_FACTOR = 10;
const MAX_POLL_MS = 60_000;
/** Fleets are read every quarter of an hour, and every look at one asks for all its SIMs. */
const SIMS_MS = 60_000;
/** Ages go on while nothing is read. */
const TICK_MS = 5_000;

interface Present {
  alerts: Loaded<Alert>;
  bundles: Loaded<Bundle>;
  sims: LoadedSims;
  links: Loaded<Link>;
  interfaces: Loaded<Interface>;
}

async function start(): Promise<void> {
  let config: Config | undefined;
  byId('sign-in').addEventListener('click', () => {
    if (config) void goToSignIn(config).catch(showProblem);
    else location.reload();
  });
  for (;;) {
    try {
      config ??= await readConfig();
      const session = await openSession(config);
      if (session) run(session);
      return;
    } catch (error) {
      showProblem(error);
      // Only a person can mend a refused sign-in; a network comes back by itself.
      if (needsSignIn(error)) return;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
}

function showProblem(error: unknown): void {
  setProblem(messageOf(error), needsSignIn(error));
}

/** What keeps the whole page from being read; an empty text takes it away. */
function setProblem(text: string, signIn: boolean): void {
  setText(byId('problem-text'), text);
  byId('problem').hidden = text === '';
  byId('sign-in').hidden = !signIn;
}

function needsSignIn(error: unknown): boolean {
  return error instanceof Failure && error.signIn;
}

function run(session: Session): void {
  setProblem('', false);
  byId('local').hidden = session.mode !== 'local';
  for (const tenant of session.others) {
    const link = document.createElement('a');
    link.href = `/?tenant=${encodeURIComponent(tenant)}`;
    link.textContent = tenant;
    byId('others').append(link, ' ');
  }
  byId('sign-out').hidden = session.mode !== 'cognito';
  byId('sign-out').addEventListener('click', () => session.signOut());
  const api = createApi(session);
  const present: Present = { alerts: {}, bundles: {}, sims: {}, links: {}, interfaces: {} };
  const show = createPage(api, session, present);
  show();
  setInterval(show, TICK_MS);
  keepPolling(() => poll(api, present, show));
}

function createPage(api: Api, session: Session, present: Present): () => void {
  const lazy = createLazy(api.now);
  const stats = new Map<string, BundleStats>();
  const trendParts = { api, lazy, troubles: createTroubles(api) };
  const header = createHeaderView();
  const showHeader = (): void => header.show({ ...present, stats, now: api.now(), tenant: session.tenant });
  const views = {
    alerts: createAlertsView(),
    bundles: createBundlesView({ ...trendParts, stats, changed: showHeader }),
    sims: createSimsView(trendParts.troubles),
    links: createLinksView(trendParts, byId('links')),
    interfaces: createInterfacesView(trendParts),
  };
  return () => {
    const now = api.now();
    const { alerts, bundles, sims, links, interfaces } = withSharedFailureAtTop(present);
    const worst = worstByEntity(present.alerts.items);
    const momentOf = ({ readAt = now }: Loaded<unknown>) => ({
      now,
      sinceSeconds: Math.max(0, now - readAt) / 1000,
      worst,
      local: session.mode === 'local',
    });
    showHeader();
    views.alerts.show(alerts, now);
    views.bundles.show(bundles, momentOf(bundles));
    views.sims.show(sims, momentOf(sims));
    views.links.show(links, momentOf(links));
    views.interfaces.show(interfaces, momentOf(interfaces));
    lazy.pump();
  };
}

/** What keeps all lists from being read is said once at the top; the lists then only say how old they are. */
function withSharedFailureAtTop({ alerts, bundles, sims, links, interfaces }: Present): Present {
  const { failure = '' } = alerts;
  const isShared = failure !== '' && [bundles, interfaces].every((l) => l.failure === failure);
  setProblem(isShared ? failure : '', isShared && alerts.signIn === true);
  const brief = <T extends Loaded<unknown>>(list: T): T => (isShared ? { ...list, failure: '' } : list);
  return {
    alerts: brief(alerts),
    bundles: brief(bundles),
    sims: brief(sims),
    links: brief(links),
    interfaces: brief(interfaces),
  };
}

/** Every list by itself: one that fails does not hide the others. Resolves to the pause that the API asks for, ms. */
async function poll(api: Api, present: Present, show: () => void): Promise<number> {
  let pauseMs = 0;
  async function load<K extends keyof Present>(key: K, read: () => Promise<Present[K]>): Promise<void> {
    try {
      present[key] = { ...(await read()), readAt: api.now() };
    } catch (error) {
      present[key] = { ...present[key], failure: messageOf(error), signIn: needsSignIn(error) };
      if (error instanceof Failure) pauseMs = Math.max(pauseMs, (error.retryAfterSeconds ?? 0) * 1000);
    }
    show();
  }
  const alerts = load('alerts', () => api.list('/v1/alerts?state=open'));
  const openAlerts = async () => alerts.then(() => present.alerts.items);
  await Promise.all([
    alerts,
    load('bundles', () => api.list('/v1/bundles')),
    load('links', () => api.list('/v1/links')),
    load('interfaces', () => api.list('/v1/interfaces')),
    ...(areDue(present.sims, api.now()) ? [load('sims', () => readSims(api, openAlerts()))] : []),
  ]);
  return pauseMs;
}

function areDue({ readAt, failure }: LoadedSims, now: number): boolean {
  return readAt === undefined || failure !== undefined || now - readAt >= SIMS_MS;
}

/** Pauses while nobody looks; looks at once when somebody does, or when the network is back. */
function keepPolling(once: () => Promise<number>): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running = false;
  async function round(): Promise<void> {
    clearTimeout(timer);
    if (running || document.hidden) return;
    running = true;
    const startedAt = performance.now();
    const askedMs = await once().catch((error: unknown) => {
      showProblem(error);
      return 0;
    });
    running = false;
    const slowMs = Math.min(MAX_POLL_MS, (performance.now() - startedAt) * SLOW_FACTOR);
    timer = setTimeout(() => void round(), Math.max(POLL_MS, slowMs, askedMs));
  }
  document.addEventListener('visibilitychange', () => void round());
  addEventListener('online', () => void round());
  void round();
}

void start();
