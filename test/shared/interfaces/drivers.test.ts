/** The contract of a driver, held to all of them: each speaks to a router of its own kind over a real socket. */
import { createIosxeCollector } from '../../../shared/interfaces/iosxe.http.ts';
import { createJunosRestCollector } from '../../../shared/interfaces/junos.http.ts';
import { createJunosCollector } from '../../../shared/interfaces/junos.netconf.ts';
import { createRouterosCollector } from '../../../shared/interfaces/routeros.http.ts';
import { createSnmpCollector } from '../../../shared/interfaces/snmp.snmp.ts';
import { systemClock } from '../../../shared/platform/clock.ts';
import {
  type DriverPort,
  type DriverQueue,
  type DriverRouter,
  interfaceDriverContract,
} from '../../contract/interface-driver.ts';
import { cisco, INTERFACES, iosxeJob, SYSTEM } from './iosxe-router.ts';
import { junosJob } from './junos-router.ts';
import { startNetconf } from './netconf-server.ts';
import { type ApiScripted, apiJob, startApiRouter } from './routeros-api-router.ts';
import { PASSWORD, routerosJob, type Scripted, startRouter, USER } from './routeros-router.ts';
import { jobFor, startTableAgent, tableOf } from './table-agent.ts';

const AUTHORIZATION = `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString('base64')}`;
const WRONG_LOGIN = { user: USER, password: 'wrong-8c1d' };
const LOGIN_TRAITS = {
  wrongSecret: { password: WRONG_LOGIN.password },
  wrongSecretCode: 'SOURCE_REJECTED',
  canAnswerGarbage: true,
} as const;

/** A router by HTTP that has `answers` by path, as far as its mood and the login allow. */
function startRest(router: DriverRouter, answers: (path: string) => unknown, refusal: unknown) {
  return startRouter(({ url, incoming }): Scripted => {
    if (router.mood === 'silent') return { silent: true };
    if (router.mood === 'garbage') return { body: '[{"half' };
    if (incoming.headers.authorization !== AUTHORIZATION) return { status: 401, body: refusal };
    const body = answers(url.split('?', 1)[0] ?? '');
    return body === undefined ? { status: 404, body: '' } : { body };
  });
}

interfaceDriverContract(
  'SNMP',
  async (router) => {
    const agent = await startTableAgent(() => snmpTable(router), { isSilent: () => router.mood === 'silent' });
    return {
      collector: createSnmpCollector({ clock: systemClock, firstTimeoutsMs: [150, 150] }),
      job: (overrides) => jobFor(agent.port, overrides),
      reached: () => agent.requests(),
      close: () => agent.close(),
    };
  },
  {
    wrongSecret: { community: 'wrong-8c1d' },
    wrongSecretCode: 'SOURCE_UNAVAILABLE',
    canAnswerGarbage: false,
  },
);

function snmpTable({ ports, uptimeMs }: DriverRouter) {
  const rows = ports.map(({ name, index, received, sent, isUp }) => ({
    ...{ index, name, status: isUp ? 1 : 2, speedMbps: 1000 },
    wide: [received, sent ?? 0n] as const,
  }));
  const unsent = new Set(ports.filter(({ sent }) => sent === undefined).map(({ index }) => index));
  const isUnsent = (oid: readonly number[]) => oid.at(-2) === 10 && oid.length === 12 && unsent.has(oid.at(-1) ?? 0);
  return tableOf(uptimeMs / 10, rows).filter(({ oid }) => !isUnsent(oid));
}

interfaceDriverContract(
  'RouterOS',
  async (router) => {
    const server = await startRest(
      router,
      (path) => {
        if (path === '/rest/interface') return router.ports.map(routerosRow);
        if (path === '/rest/interface/ethernet/monitor') return [];
        if (path === '/rest/queue/simple') return router.queues?.map(routerosQueueRow);
        return path === '/rest/system/resource' ? { uptime: `${router.uptimeMs / 1000}s` } : undefined;
      },
      { error: 401, message: 'Unauthorized' },
    );
    return {
      collector: createRouterosCollector({ clock: systemClock }),
      job: (overrides) => routerosJob(server.port, withLogin(overrides)),
      reached: () => server.connections(),
      close: () => server.close(),
    };
  },
  { ...LOGIN_TRAITS, countsQueues: true },
);

function routerosQueueRow({ name, number, sent, received, limitMbps }: DriverQueue) {
  return {
    '.id': `*${number.toString(16).toUpperCase()}`,
    ...{ name, bytes: `${sent}/${received}`, 'max-limit': `${limitMbps}M/${limitMbps}M`, 'burst-limit': '0/0' },
    ...{ dynamic: 'false', disabled: 'false', invalid: 'false' },
  };
}

function routerosRow({ name, index, received, sent, isUp }: DriverPort) {
  return {
    '.id': `*${index.toString(16).toUpperCase()}`,
    ...{ name, type: 'ether', running: String(isUp), disabled: 'false' },
    'rx-byte': String(received),
    ...(sent === undefined ? {} : { 'tx-byte': String(sent) }),
  };
}

interfaceDriverContract(
  'RouterOS by its binary API',
  async (router) => {
    const server = await startApiRouter(({ name }): ApiScripted | undefined => {
      if (router.mood === 'silent') return { silent: true };
      if (router.mood === 'garbage') return { raw: '220 ftp.example\r\n' };
      if (name === '/interface/print') return { rows: router.ports.map(routerosRow) };
      if (name === '/interface/ethernet/monitor') return {};
      if (name === '/queue/simple/print' && router.queues) return { rows: router.queues.map(routerosQueueRow) };
      return name === '/system/resource/print' ? { rows: [{ uptime: `${router.uptimeMs / 1000}s` }] } : undefined;
    });
    return {
      collector: createRouterosCollector({ clock: systemClock }),
      job: (overrides) => apiJob(server.port, withLogin(overrides)),
      reached: () => server.connections(),
      close: () => server.close(),
    };
  },
  { ...LOGIN_TRAITS, countsQueues: true },
);

for (const release of ['17.9', '16.12'] as const) {
  interfaceDriverContract(
    `IOS-XE ${release}`,
    async (router) => {
      const server = await startRest(
        router,
        (path) => {
          if (path === INTERFACES) return cisco(router.ports.map((port) => iosxeRow(port, release)));
          if (path !== SYSTEM)
            return { 'ietf-interfaces:interface': router.ports.map((port) => iosxeRow(port, 'ietf')) };
          return iosxeSystem(router.uptimeMs);
        },
        { errors: { error: [{ 'error-tag': 'access-denied' }] } },
      );
      return {
        collector: createIosxeCollector({ clock: systemClock }),
        job: (overrides) => iosxeJob(server.port, withLogin(overrides)),
        reached: () => server.connections(),
        close: () => server.close(),
      };
    },
    LOGIN_TRAITS,
  );
}

/** The router's clock is two hours slow: only ages count. */
function iosxeSystem(uptimeMs: number) {
  const now = systemClock.now() - 7_200_000;
  const text = (at: number) => new Date(at).toISOString();
  return {
    'Cisco-IOS-XE-device-hardware-oper:device-system-data': {
      'current-time': text(now),
      'boot-time': text(now - uptimeMs),
    },
  };
}

function iosxeRow({ name, index, received, sent, isUp }: DriverPort, release: '17.9' | '16.12' | 'ietf') {
  const narrow = sent === undefined ? {} : { 'out-octets': Number(sent % 2n ** 32n) };
  const wide = sent === undefined ? {} : { 'out-octets-64': String(sent) };
  const ietf = sent === undefined ? {} : { 'out-octets': String(sent) };
  const counters = { '17.9': { ...narrow, ...wide }, '16.12': narrow, ietf };
  const states = release === 'ietf' ? ['up', 'down'] : ['if-oper-state-ready', 'if-oper-state-no-pass'];
  return {
    name,
    'oper-status': isUp ? states[0] : states[1],
    'if-index': index,
    speed: '1000000000',
    statistics: { 'in-octets': String(received), ...counters[release] },
  };
}

interfaceDriverContract(
  'Junos by REST',
  async (router) => {
    const server = await startRest(
      router,
      (path) => {
        if (path === '/rpc/get-interface-information') return junosInterfaces(router.ports);
        return path === '/rpc/get-system-uptime-information' ? junosUptime(router.uptimeMs) : undefined;
      },
      'Unauthorized',
    );
    const settings = { api: 'rest', plainHttp: true };
    return {
      collector: createJunosRestCollector({ clock: systemClock }),
      job: (overrides) => junosJob(server.port, { ...withLogin(overrides), settings }),
      reached: () => server.connections(),
      close: () => server.close(),
    };
  },
  LOGIN_TRAITS,
);

interfaceDriverContract(
  'Junos by NETCONF',
  async (router) => {
    const contents: Readonly<Record<string, () => string>> = {
      'get-interface-information': () => junosInterfaces(router.ports),
      'get-system-uptime-information': () => junosUptime(router.uptimeMs),
    };
    const server = await startNetconf({
      password: PASSWORD,
      isSilent: () => router.mood === 'silent',
      reply: (operation, id) =>
        router.mood === 'garbage'
          ? '[{"half'
          : `<rpc-reply message-id="${id}">${contents[operation]?.() ?? '<ok/>'}</rpc-reply>`,
    });
    return {
      collector: createJunosCollector({ clock: systemClock }),
      job: (overrides) => junosJob(server.port, withLogin(overrides)),
      reached: () => server.connections(),
      close: () => server.close(),
    };
  },
  LOGIN_TRAITS,
);

function junosInterfaces(ports: readonly DriverPort[]): string {
  const rows = ports.map(({ name, index, received, sent, isUp }) => {
    const out = sent === undefined ? '' : `<output-bytes>${sent}</output-bytes>`;
    const state = `<admin-status>up</admin-status><oper-status>\n${isUp ? 'up' : 'down'}\n</oper-status>`;
    return `<physical-interface><name>\n${name}\n</name>${state}<snmp-index>${index}</snmp-index><speed>1000mbps</speed><traffic-statistics><input-bytes>${received}</input-bytes>${out}</traffic-statistics></physical-interface>`;
  });
  return `<interface-information xmlns="http://xml.juniper.net/junos/21.4R3/junos-interface" junos:style="normal">${rows.join('')}</interface-information>\n`;
}

function junosUptime(uptimeMs: number): string {
  const length = `<time-length junos:seconds="${Math.floor(uptimeMs / 1000)}">1:00</time-length>`;
  return `<system-uptime-information><system-booted-time>${length}</system-booted-time></system-uptime-information>`;
}

/** A wrong login keeps the user: it is the password that nobody may see. */
function withLogin<T extends { readonly secret?: Readonly<Record<string, string>> }>(overrides: T | undefined) {
  const { secret, ...rest } = overrides ?? {};
  if (secret === undefined) return rest;
  return { ...rest, secret: Object.keys(secret).length === 0 ? {} : { user: USER, ...secret } };
}
