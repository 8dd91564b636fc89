/** The deploy command as a program, as far as it goes without an account; and its questions, put to a server of this machine. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');

/** Answers of the account, by operation and parameter. */
let account: Record<string, { status: number; body: object }> = {};
const asked: string[] = [];
let server: Server;

beforeAll(async () => {
  server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      const operation = String(request.headers['x-amz-target']).split('.').at(-1);
      const key = [operation, (JSON.parse(text || '{}') as { Name?: string }).Name].filter(Boolean).join(' ');
      asked.push(key);
      const { status, body } = account[key] ?? { status: 400, body: { __type: 'ParameterNotFound', message: 'none' } };
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(async () => {
  server.close();
  await once(server, 'close');
});

const parameter = (Value: string) => ({ status: 200, body: { Parameter: { Value } } });
const BOOTSTRAP = 'GetParameter /cdk-bootstrap/hnb659fds/version';

function deploy(words: string[], extra: Record<string, string> = {}): Promise<{ code: number; output: string }> {
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['scripts/deploy.ts', ...words],
      {
        cwd: ROOT,
        timeout: 15_000,
        env: {
          PATH: process.env.PATH,
          AWS_EC2_METADATA_DISABLED: 'true',
          AWS_CONFIG_FILE: '/nowhere',
          AWS_SHARED_CREDENTIALS_FILE: '/nowhere',
          AWS_ENDPOINT_URL: endpoint,
          ...extra,
        },
      },
      (error, stdout, stderr) => resolve({ code: error ? Number(error.code ?? -1) : 0, output: stdout + stderr }),
    );
    child.stdin?.end('prod\n');
  });
}

const KEYS = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };

test.each([
  [['deploy', 'local'], 'the stage local runs on this machine, by: npm start'],
  [['destroy', 'prod'], 'the stage prod protects its data'],
  [['deploy', 'dev'], 'no AWS credentials were found: sign in'],
])('%s ends with one sentence and asks the account nothing', async (words, sentence) => {
  asked.length = 0;
  const { code, output } = await deploy(words);
  expect({ code, lines: output.trim().split('\n').length }).toEqual({ code: 1, lines: 1 });
  expect(output).toContain(sentence);
  expect(asked).toEqual([]);
});

test('an account without the bootstrap is told how to get it', async () => {
  account = {};
  const { code, output } = await deploy(['deploy', 'dev'], KEYS);
  expect(code).toBe(1);
  expect(output).toContain('run once "npx cdk bootstrap aws://ACCOUNT/eu-west-1"');
});

test('all that is missing for prod is said before CDK is started', async () => {
  account = {
    [BOOTSTRAP]: parameter('27'),
    DescribeEndpoints: {
      status: 400,
      body: {
        __type: 'com.amazonaws.timestream#AccessDeniedException',
        message: 'Only existing Timestream for LiveAnalytics customers can access the service.',
      },
    },
  };
  const { code, output } = await deploy(['deploy', 'prod'], KEYS);
  expect(code).toBe(1);
  const lines = output.trim().split('\n');
  expect(lines).toHaveLength(2);
  expect(lines[0]).toContain(
    'aws ssm put-parameter --region eu-west-1 --type String --name /headroom/prod/alarm-email',
  );
  expect(lines[1]).toContain('set "timestream: false" for prod in lib/stages.ts');
  expect(asked).toContain('GetParameter /headroom/prod/alarm-email');
});

test('nothing is destroyed when the name is not typed', async () => {
  account = { [BOOTSTRAP]: parameter('27') };
  asked.length = 0;
  const { code, output } = await deploy(['destroy', 'dev'], KEYS);
  expect(code).toBe(1);
  expect(output).toContain('Type its name to go on');
  expect(output).toContain('nothing was deleted');
  expect(asked).toEqual([BOOTSTRAP]);
});
