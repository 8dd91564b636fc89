/** The simulated RouterOS answers the binary API as a real one does, from the menus that it shows by REST. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import type { RouterosSimulator } from '../../../local/simulators/routeros.ts';
import { Unworder, worded } from '../../../local/simulators/routeros-words.ts';
import { callRouter, PASSWORD, RouterosWorld, USER } from './routeros-world.ts';

const world = new RouterosWorld();
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await world.close();
});

const LOGIN = ['/login', `=name=${USER}`, `=password=${PASSWORD}`];

/** Asks and waits for all up to the end of the answer. */
async function open(simulator: RouterosSimulator) {
  const socket = connect(simulator.routers[0]?.api?.port ?? 0, '127.0.0.1');
  sockets.push(socket);
  const reader = new Unworder();
  return async (...words: string[]): Promise<string[][]> => {
    socket.write(worded(words));
    const answer: string[][] = [];
    while (!/^!(done|fatal)$/.test(answer.at(-1)?.[0] ?? '')) {
      const sentence = reader.next();
      if (sentence !== undefined) answer.push(sentence);
      else reader.push((await once(socket, 'data'))[0] as Buffer);
    }
    return answer;
  };
}

describe('a login', () => {
  test('in one sentence opens the menus; a wrong one does not, and nobody asks without one', async () => {
    const simulator = await world.open();
    const ask = await open(simulator);
    expect(await ask('/login', `=name=${USER}`, '=password=no')).toEqual([
      ['!trap', '=message=invalid user name or password (6)'],
      ['!done'],
    ]);
    expect(await ask(...LOGIN)).toEqual([['!done']]);
    const stranger = await open(simulator);
    expect(await stranger('/interface/print')).toEqual([['!fatal', 'not logged in']]);
  });

  test('as before 6.43 asks for a proof, whatever the first sentence holds', async () => {
    const simulator = await world.open();
    simulator.inject({ fault: 'api-old-login' });
    const ask = await open(simulator);
    const challenge = (await ask(...LOGIN))[0]?.[1]?.slice('=ret='.length) ?? '';
    expect(challenge).toMatch(/^[0-9a-f]{32}$/);
    expect(await ask('/login', `=name=${USER}`, `=response=00${'0'.repeat(32)}`)).toHaveLength(2);
    const octets = Buffer.concat([Buffer.of(0), Buffer.from(PASSWORD), Buffer.from(challenge, 'hex')]);
    const response = `00${createHash('md5').update(octets).digest('hex')}`;
    expect(await ask('/login', `=name=${USER}`, `=response=${response}`)).toEqual([['!done']]);
  });
});

describe('a question', () => {
  test('is answered with its tag, by the fields and queries that it names', async () => {
    const ask = await open(await world.open());
    await ask(...LOGIN);
    const rows = await ask('/interface/print', '=.proplist=name,type', '?type=vlan', '?type=bridge', '?#|', '.tag=7');
    expect(rows).toHaveLength(6);
    expect(rows[0]).toEqual(['!re', '=name=vlan10', '=type=vlan', '.tag=7']);
    expect(rows.at(-1)).toEqual(['!done', '.tag=7']);
    expect(await ask('/interface/print', '?type=vlan', '?name=ether1')).toEqual([['!done']]);
    expect(await ask('/interface/print', '?-comment', '?type=ether', '=.proplist=name')).toEqual([
      ['!re', '=name=ether2'],
      ['!done'],
    ]);
  });

  test('without rows has a word of its own since 7.18', async () => {
    const simulator = await world.open();
    simulator.inject({ fault: 'api-empty' });
    const ask = await open(simulator);
    await ask(...LOGIN);
    expect(await ask('/queue/simple/print', '.tag=1')).toEqual([
      ['!empty', '.tag=1'],
      ['!done', '.tag=1'],
    ]);
  });

  test('that changes something changes what REST shows, and is refused in the router’s words', async () => {
    const simulator = await world.open();
    const ask = await open(simulator);
    await ask(...LOGIN);
    const added = await ask('/queue/simple/add', '=name=one', '=target=198.51.100.7', '=max-limit=1M/2M');
    expect(added).toEqual([['!done', '=ret=*1']]);
    expect(await ask('/queue/simple/set', '=.id=*1', '=max-limit=3M/4M')).toEqual([['!done']]);
    const shown = JSON.parse((await callRouter(simulator.url, '/rest/queue/simple/*1')).text) as object;
    expect(shown).toMatchObject({ name: 'one', 'max-limit': '3000000/4000000' });
    const trap = async (...words: string[]) => (await ask(...words))[0]?.at(-1);
    expect(await trap('/queue/simple/add', '=name=one')).toBe('=message=failure: already have such name');
    expect(await trap('/queue/simple/set', '=.id=*9', '=max-limit=1M/1M')).toBe('=message=no such item');
    expect(await trap('/queue/none/print')).toBe('=message=no such command prefix');
    expect(await ask('/queue/simple/remove', '=.id=*1')).toEqual([['!done']]);
    expect(await trap('/queue/simple/remove', '=.id=*1')).toBe('=message=no such item');
  });

  test('over TLS shows the certificate that its place names', async () => {
    const simulator = await world.open({ tls: true });
    const api = simulator.routers[0]?.api;
    const socket = connectTls({ host: '127.0.0.1', port: api?.port ?? 0, rejectUnauthorized: false });
    sockets.push(socket);
    await once(socket, 'secureConnect');
    const shown = socket.getPeerX509Certificate()?.fingerprint256.replaceAll(':', '').toLowerCase();
    expect([shown?.length, shown]).toEqual([64, api?.certificateSha256]);
  });
});

test.each(['api-cut', 'api-fatal'])('%s ends the connection', async (fault) => {
  const simulator = await world.open();
  const ask = await open(simulator);
  await ask(...LOGIN);
  simulator.inject({ fault });
  const [socket] = sockets;
  const ended = once(socket as Socket, 'end');
  (socket as Socket).write(worded(['/interface/print']));
  await ended;
});
