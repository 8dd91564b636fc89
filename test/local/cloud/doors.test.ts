import { once } from 'node:events';
import { createConnection } from 'node:net';
import { expect, test } from 'vitest';
import { openDoor } from '../../../local/cloud/doors.ts';

const get = (url: string) => fetch(url, { signal: AbortSignal.timeout(5000) });

test('says that it is starting until it is opened', async () => {
  const door = await openDoor(0);
  const early = await get(door.url);
  expect([early.status, early.headers.get('retry-after')]).toEqual([503, '1']);
  door.open((_, response) => response.end('open'));
  expect(await (await get(door.url)).text()).toBe('open');
  await door.close();
});

test('a taken port is one sentence with the way out', async () => {
  const door = await openDoor(0);
  const port = Number(new URL(door.url).port);
  await expect(openDoor(port)).rejects.toThrow(
    `port ${port} is taken: stop what uses it, or choose another with PORT=7071 npm start`,
  );
  await door.close();
});

test('closes at once, though connections are kept open and an answer is under way; closing twice is fine', async () => {
  const door = await openDoor(0);
  door.open(() => undefined);
  const idle = createConnection(Number(new URL(door.url).port), '127.0.0.1');
  await once(idle, 'connect');
  const hanging = get(door.url).catch(() => 'cut');
  const at = Date.now();
  await new Promise((resolve) => setTimeout(resolve, 50));
  await door.close();
  await door.close();
  expect(Date.now() - at).toBeLessThan(2000);
  expect(await hanging).toBe('cut');
  idle.destroy();
});
