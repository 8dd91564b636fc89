import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { realClock } from '../../../local/cloud/clock.ts';
import { startCloud } from '../../../local/cloud/cloud.ts';
import { openDoor } from '../../../local/cloud/doors.ts';
import { sdkEnvironment, workerEnvironment } from '../../../local/cloud/environment.ts';
import { functionModel } from '../workers/bundle-world.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headroom-cloud-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function freePort(): Promise<number> {
  const door = await openDoor(0);
  await door.close();
  return Number(new URL(door.url).port);
}

test('a start that fails leaves no door open, so that the next one finds its port', async () => {
  const port = await freePort();
  const options = {
    assembly: join(folder, 'nothing'),
    dataFolder: join(folder, 'kept'),
    region: 'us-east-1',
    port,
    clock: realClock(),
    simulators: [],
    environment: {},
    notice: () => undefined,
  };
  await expect(startCloud(options)).rejects.toThrow(/nothing/);
  writeFileSync(join(folder, 'nothing'), '');
  await expect(startCloud(options)).rejects.toThrow();
  const door = await openDoor(port);
  await door.close();
});

test('a worker gets what an SDK client needs, its own key, and nothing of the shell', () => {
  const environment = workerEnvironment(
    { region: 'eu-west-1', environment: { SIMULATOR_TAARA_URL: 'http://127.0.0.1:9' } },
    functionModel({
      memoryMb: 256,
      environment: { PUBLIC_URL: 'https://127.0.0.1:7070', TABLE_NAME: 'things', TZ: 'Asia/Dhaka' },
    }),
    { gatewayUrl: 'http://127.0.0.1:1', publicUrl: 'http://127.0.0.1:7070' },
    { accessKeyId: 'LOCAL1', secretAccessKey: 'x' },
  );
  expect(environment).toMatchObject({
    AWS_REGION: 'eu-west-1',
    AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
    AWS_ACCESS_KEY_ID: 'LOCAL1',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
    SIMULATOR_KEYS_URL: 'http://127.0.0.1:7070/_local/jwks',
    SIMULATOR_TAARA_URL: 'http://127.0.0.1:9',
    // The distribution's name stands for this machine, which speaks no TLS.
    PUBLIC_URL: 'http://127.0.0.1:7070',
    TABLE_NAME: 'things',
  });
  expect(environment).not.toHaveProperty('PATH');
  expect(environment).not.toHaveProperty('HOME');
});

test('a program of the operator is kept away from real credentials too', () => {
  expect(sdkEnvironment('http://127.0.0.1:1', 'us-east-1', { accessKeyId: 'a', secretAccessKey: 'b' })).toMatchObject({
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_SECRET_ACCESS_KEY: 'b',
  });
});
