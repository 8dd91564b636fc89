/** The simulated Junos by REST: one tree with its NETCONF, errors in whatever form the router likes, no secret in its state. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { JunosSimulator } from '../../../local/simulators/junos.ts';
import { JunosWorld, PASSWORD } from './junos-world.ts';
import { callRouter } from './routeros-world.ts';

const INTERFACES = '/rpc/get-interface-information?extensive=';
const world = new JunosWorld();
let simulator: JunosSimulator;
let url: string;

beforeEach(async () => {
  simulator = await world.open();
  url = simulator.routers[0]?.rest.url ?? '';
});
afterEach(() => world.close());

test('a question is answered without rpc-reply, whole or for one interface', async () => {
  const { status, text } = await callRouter(url, INTERFACES);
  expect([status, text.startsWith('<interface-information')]).toEqual([200, true]);
  expect(text.match(/<logical-interface>/g)).toHaveLength(5);
  expect(text).toContain('<input-bytes>');
  const one = await callRouter(url, '/rpc/get-interface-information?interface-name=lo0&extensive=');
  expect(one.text.match(/<physical-interface>/g)).toHaveLength(1);
});

test('without extensive there are no octets, as by NETCONF', async () => {
  expect((await callRouter(url, '/rpc/get-interface-information')).text).not.toContain('<input-bytes>');
});

test.each([
  ['unauthorized', 401, 'Unauthorized'],
  ['connection-limit', 503, 'error: connection limit'],
  ['no-rest', 404, '<html>'],
  ['rpc-error', 200, '<rpc-error>'],
])('the fault %s answers HTTP %i', async (fault, status, begins) => {
  simulator.inject({ fault });
  const answer = await callRouter(url, INTERFACES);
  expect([answer.status, answer.text.startsWith(begins)]).toEqual([status, true]);
});

test('a path that is no rpc is refused in XML', async () => {
  const { status, text } = await callRouter(url, '/rpc/../etc');
  expect([status, text.startsWith('<rpc-error>')]).toEqual([400, true]);
});

test('its state names the place and holds no password', () => {
  expect(simulator.state()).toMatchObject({ routers: [{ restUrl: url }] });
  expect(JSON.stringify(simulator.state())).not.toContain(PASSWORD);
});
