/** Tiny bundles in a folder of their own, run by real pools of worker threads. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CloudClock, realClock } from '../../../local/cloud/clock.ts';
import type { FunctionModel } from '../../../local/model/types.ts';
import { FunctionPool, type PoolOptions } from '../../../local/workers/pool.ts';

export interface BundleWorld {
  readonly folder: string;
  /** A pool for a bundle with this text; `handler` is what it must export. */
  pool(
    text: string,
    options?: PoolOptions & {
      model?: Partial<FunctionModel>;
      clock?: CloudClock;
      environment?: Record<string, string>;
    },
  ): FunctionPool;
  close(): Promise<void>;
}

export function functionModel(over: Partial<FunctionModel> = {}): FunctionModel {
  return {
    name: 'headroom-test-function',
    shortName: 'tested',
    arn: 'arn:aws:lambda:us-east-1:000000000000:function:headroom-test-function',
    roleArn: 'arn:aws:iam::000000000000:role/tested',
    bundle: '',
    exportName: 'handler',
    environment: {},
    timeoutSeconds: 20,
    memoryMb: 128,
    logGroup: '/aws/lambda/tested',
    resourcePolicy: { Version: '2012-10-17', Statement: [] },
    asyncRetries: 0,
    ...over,
  };
}

export function openBundleWorld(): BundleWorld {
  const folder = mkdtempSync(join(tmpdir(), 'headroom-bundles-'));
  const pools: FunctionPool[] = [];
  let count = 0;
  return {
    folder,
    pool(text, { model = {}, clock = realClock(), environment = {}, ...options } = {}) {
      count += 1;
      const bundle = join(folder, `bundle${count}.cjs`);
      writeFileSync(bundle, text);
      const pool = new FunctionPool(
        functionModel({ ...model, bundle: model.bundle || bundle }),
        environment,
        clock,
        options,
      );
      pools.push(pool);
      return pool;
    },
    async close() {
      await Promise.all(pools.map((p) => p.stop()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Looks until it holds, for at most `milliseconds`. */
export async function until(holds: () => boolean, milliseconds = 15_000): Promise<void> {
  const end = Date.now() + milliseconds;
  while (!holds()) {
    if (Date.now() > end) throw new Error('it did not happen in time');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
