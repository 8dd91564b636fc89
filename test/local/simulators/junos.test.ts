/** The simulated Junos speaks as the real one does, counts as it says, and breaks as it is told. */
import { createHash } from 'node:crypto';
import { Client, type ClientChannel } from 'ssh2';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { JunosSimulator } from '../../../local/simulators/junos.ts';
import { ispJunosRouters } from '../../../local/simulators/junos-isp.ts';
import { shareBetween } from '../../../local/simulators/traffic.ts';
import { JUNOS, JunosWorld, PASSWORD, START, USER } from './junos-world.ts';

let world: JunosWorld;
let simulator: JunosSimulator;
const clients: Client[] = [];
beforeEach(async () => {
  world = new JunosWorld();
  simulator = await world.open();
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await world.close();
});

/** All that the router says until it has said `until`. Another implementation than the driver's, on purpose. */
async function talk(
  messages: readonly string[],
  until: RegExp,
  port = simulator.routers[0]?.port ?? 0,
): Promise<string> {
  const channel = await subsystem(port);
  return new Promise((resolve) => {
    let said = '';
    const hear = (octets: Buffer) => {
      said += octets.toString('latin1');
      if (until.test(said)) resolve(said);
    };
    channel.on('data', hear).on('close', () => resolve(`${said}(closed)`));
    channel.write(messages.map((message) => `${message}]]>]]>`).join(''));
  });
}

function subsystem(port: number): Promise<ClientChannel> {
  const client = new Client();
  clients.push(client);
  return new Promise((resolve, reject) => {
    client.on('ready', () => client.subsys('netconf', (error, channel) => (error ? reject(error) : resolve(channel))));
    client.on('error', reject);
    client.connect({ host: '127.0.0.1', port, username: USER, password: PASSWORD });
    client.setNoDelay(true);
  });
}

const HELLO = '<hello><capabilities><capability>urn:ietf:params:netconf:base:1.0</capability></capabilities></hello>';
const rpc = (operation: string, id = '7') => `<rpc message-id="${id}">${operation}</rpc>`;
const EXTENSIVE = rpc('<get-interface-information><extensive/></get-interface-information>');
const ask = (operation: string) => talk([HELLO, operation], /<\/(nc:)?rpc-reply>[\s\S]*\]\]>\]\]>/);

describe('a session', () => {
  test('begins with comments and a greeting that ends in the mark', async () => {
    const said = await talk([HELLO], /\]\]>\]\]>/);
    expect(said).toMatch(/^<!-- No zombies[^>]*-->\n<hello [\s\S]*<session-id>1<\/session-id>\n<\/hello>\n\]\]>\]\]>/);
    expect(said).not.toContain('base:1.1');
  });

  test('answers extensively, with the octets of ports and units, line ends in names', async () => {
    const said = await ask(EXTENSIVE);
    expect(said).toContain('message-id="7"');
    expect(said).toMatch(/<physical-interface>\n<name>\nge-0\/0\/0\n<\/name>/);
    expect(said).toMatch(
      /<logical-interface>\n<name>\nge-0\/0\/0\.10\n<\/name>[\s\S]*?<input-bytes>\d{10,}<\/input-bytes>/,
    );
    expect(said.match(/<logical-interface>/g)).toHaveLength(5);
  });

  test('answers briefly when nothing more is asked for', async () => {
    const said = await ask(rpc('<get-interface-information/>'));
    expect(said).not.toContain('input-bytes');
    expect(said).toContain('<input-bps>');
  });

  test('answers for the interfaces that are named', async () => {
    const said = await ask(
      rpc(
        '<get-interface-information><interface-name>ge-0/0/0.2*</interface-name><extensive/></get-interface-information>',
      ),
    );
    expect(said.match(/<logical-interface>/g)).toHaveLength(1);
    expect(said).not.toContain('lo0');
  });

  test('does not know other operations, and goes on', async () => {
    const said = await talk(
      [HELLO, rpc('<get-nothing/>'), rpc('<get-system-uptime-information/>', '8')],
      /-id="8"[\s\S]*\]\]>/,
    );
    expect(said).toMatch(/<error-severity>error<\/error-severity>[\s\S]*syntax error/);
    expect(said).toContain('<time-length junos:seconds="86400">1d 00:00</time-length>');
  });

  test('ends when the client takes leave', async () => {
    expect(await talk([HELLO, rpc('<close-session/>')], /never/)).toMatch(/<ok\/>[\s\S]*\(closed\)$/);
  });

  test('is in chunks where both sides know them, lengths in octets', async () => {
    simulator.inject({ fault: 'chunked' });
    const channel = await subsystem(simulator.routers[0]?.port ?? 0);
    const heard: Buffer[] = [];
    const said = () => Buffer.concat(heard).toString('latin1');
    const whole = new Promise<void>((resolve) => {
      channel.on('data', (octets: Buffer) => {
        heard.push(octets);
        if (said().endsWith('\n##\n')) resolve();
      });
    });
    const hello = HELLO.replace('base:1.0', 'base:1.1');
    channel.write(
      `${hello}]]>]]>\n#10\n${EXTENSIVE.slice(0, 10)}\n#${EXTENSIVE.length - 10}\n${EXTENSIVE.slice(10)}\n##\n`,
    );
    await whole;
    const [greeting = '', answer = ''] = said().split(']]>]]>\n');
    expect(greeting).toContain('<capability>urn:ietf:params:netconf:base:1.1</capability>');
    let left = answer;
    let message = '';
    for (let header = /^\n#(\d+)\n/.exec(left); header; header = /^\n#(\d+)\n/.exec(left)) {
      const end = header[0].length + Number(header[1]);
      message += left.slice(header[0].length, end);
      left = left.slice(end);
    }
    expect(left).toBe('\n##\n');
    expect(message).toMatch(/^<rpc-reply [\s\S]*<\/rpc-reply>\n$/);
    expect(message.length).toBeGreaterThan(4096);
  });

  test('never shows the password, nor does the state', () => {
    expect(JSON.stringify([simulator.state(), simulator.faults(), simulator.routers])).not.toContain(PASSWORD);
  });
});

test('shows the host key that it tells of, and another one after a start', async () => {
  const shown = await new Promise((resolve) => {
    const client = new Client();
    clients.push(client);
    client.on('error', () => undefined);
    client.connect({
      ...{ host: '127.0.0.1', port: simulator.routers[0]?.port ?? 0, username: USER, password: PASSWORD },
      hostVerifier: (key: Buffer) => {
        resolve(`SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`);
        return false;
      },
    });
  });
  expect(shown).toBe(simulator.routers[0]?.hostKeySha256);
  const again = new JunosWorld();
  const second = await again.open();
  expect(second.routers[0]?.hostKeySha256).not.toBe(shown);
  await again.close();
});

describe('counters', () => {
  const received = () => {
    const { interfaces } = (simulator.state() as { routers: { interfaces: { name: string; received: string }[] }[] })
      .routers[0] ?? { interfaces: [] };
    return new Map(interfaces.map((one) => [one.name, Number(one.received)]));
  };

  test('follow the curve however often one looks, and a port counts what its units do', () => {
    const before = received();
    world.now += 150_000;
    received();
    world.now += 150_000;
    const after = received();
    const gained = (name: string) => (after.get(name) ?? 0) - (before.get(name) ?? 0);
    const expected = (1.9e8 / 8) * 300 * shareBetween(START, START + 300_000);
    expect(Math.abs(gained('ge-0/0/0.10') - expected)).toBeLessThan(2);
    expect(Math.abs(gained('ge-0/0/0') - 5 * gained('ge-0/0/0.10'))).toBeLessThan(10);
  });

  test('follow a load to the octet, and stand still while the link is down', () => {
    simulator.inject({ fault: 'load', interface: 'ge-0/0/0.10', inMbps: '800', outMbps: 8 });
    const before = received().get('ge-0/0/0.10') ?? 0;
    world.now += 300_000;
    expect((received().get('ge-0/0/0.10') ?? 0) - before).toBe(30_000_000_000);
    simulator.inject({ fault: 'link-down', interface: 'ge-0/0/0' });
    const stopped = received();
    world.now += 300_000;
    expect(received()).toEqual(stopped);
    simulator.inject({ fault: 'recover' });
    world.now += 300_000;
    expect(received().get('ge-0/0/0') ?? 0).toBeGreaterThan(stopped.get('ge-0/0/0') ?? 0);
  });

  test('begin again with a reboot, and where they are cleared', () => {
    simulator.inject({ fault: 'clear-statistics', interface: 'ge-0/0/0.20' });
    expect([received().get('ge-0/0/0.20'), received().get('ge-0/0/0.10')]).toEqual([0, expect.any(Number)]);
    expect(received().get('ge-0/0/0.10')).toBeGreaterThan(0);
    simulator.inject({ fault: 'reboot' });
    expect(received().get('ge-0/0/0')).toBe(0);
  });
});

describe('faults', () => {
  test.each([
    ['rpc-error', { message: 'busy' }, /<error-message>\nbusy/],
    ['warning', {}, /severity>warning[\s\S]*<interface-information/],
    ['garbage', { shape: 'no-xml' }, /routing engine is busy/],
  ])('%s strikes once and is over', async (fault, parameters, expected) => {
    simulator.inject({ fault, ...parameters });
    expect(await talk([HELLO, EXTENSIVE], /hello>[\s\S]*\]\]>[\s\S]*\]\]>\]\]>/)).toMatch(expected);
    expect(await ask(EXTENSIVE)).toMatch(/<\/interface-information>/);
  });

  test('closes ends in the middle', async () => {
    simulator.inject({ fault: 'closes' });
    const said = await talk([HELLO, EXTENSIVE], /never/);
    expect(said).toContain('<physical-interface>');
    expect(said).toMatch(/\(closed\)$/);
    expect(said).not.toContain('</rpc-reply>');
  });

  test.each([
    [{ fault: 'explode' }, /fault must be one of reboot/],
    [{ fault: 'load', inMbps: 1 }, /outMbps must be a number/],
    [{ fault: 'link-down', interface: 'ge-9/0/0' }, /interface must be one of ge-0\/0\/0, ge-0\/0\/0\.10/],
    [{ fault: 'reboot', times: 3 }, /reboot has no parameter times; it takes router/],
    [{ fault: 'garbage', shape: 'white' }, /shape must be one of empty/],
    [{ fault: 'split-packets', bytes: 0 }, /bytes must be a number from 1/],
    [{ fault: 'reboot', router: 'edge9' }, /router must be 1 to 1 or one of edge1/],
  ])('%o is refused in a sentence', (fault, message) => {
    expect(() => simulator.inject(fault)).toThrow(message);
    expect(() => simulator.inject(fault)).toThrow(RangeError);
  });

  test('recover takes everything back but when a link last changed', async () => {
    const steady = (said: string) => said.replace(/<session-id>\d+|<interface-flapped[^\n]*/g, '');
    const before = await ask(EXTENSIVE);
    for (const fault of ['link-down', 'brief', 'prefixed', 'chunked', 'multi-routing-engine', 'closes', 'no-uptime']) {
      simulator.inject({ fault });
    }
    simulator.inject({ fault: 'recover' });
    expect(steady(await ask(EXTENSIVE))).toBe(steady(before));
  });

  test('slow waits, and closing does not wait for it', async () => {
    simulator.inject({ fault: 'slow', seconds: 600 });
    const call = talk([HELLO, EXTENSIVE], /rpc-reply/).catch(() => 'cut');
    while (!JSON.stringify(simulator.state()).includes('"pendingFaults":[]')) await new Promise(setImmediate);
    await simulator.close();
    expect(await call).toBeDefined();
  });
});

test('the demo has two routers with a port each, and a fault strikes its own only', async () => {
  const two = await new JunosWorld().open({
    routers: ispJunosRouters({ user: USER, password: PASSWORD, bootedAt: JUNOS.bootedAt }),
  });
  try {
    two.inject({ fault: 'brief', router: 'edge2' });
    const says = two.routers.map(({ port }) => talk([HELLO, EXTENSIVE], /<\/rpc-reply>/, port));
    const octets = (await Promise.all(says)).map((said) => said.includes('<input-bytes>'));
    expect(octets).toEqual([true, false]);
    expect(two.routers.map(({ name }) => name)).toEqual(['edge1', 'edge2']);
  } finally {
    await two.close();
  }
});
