/** What every refusal of the API looks like, and that no function met a fault of its own. */
import { expect } from 'vitest';
import type { Answer, Flow } from './flow.ts';

export function expectProblem(answer: Answer, status: number | readonly number[]): void {
  expect([status].flat(), JSON.stringify(answer.body)).toContain(answer.status);
  expect(answer.body).toMatchObject({ status: answer.status, title: expect.any(String), detail: expect.any(String) });
  expect(answer.body.detail.length).toBeGreaterThan(10);
}

/** Fields that a 422 names. */
export function namedIn(answer: Answer): string[] {
  return (answer.body.errors ?? []).map((e: { path: string }) => e.path);
}

const FAULT = /unexpected failure|assertion failed|"message":"request failed"|timed out/i;

export async function expectNoFaults(flow: Flow): Promise<void> {
  const response = await fetch(`${flow.cloud.publicUrl}/_local/iam`, { signal: AbortSignal.timeout(10_000) });
  expect(((await response.json()) as { denied: unknown[] }).denied).toEqual([]);
  for (const { model, log } of flow.cloud.pools.values()) {
    const faults = log.newestLines().filter((line) => FAULT.test(line));
    expect([model.shortName, log.errors, faults]).toEqual([model.shortName, 0, []]);
  }
}
