/** The emulated Timestream behind a small HTTP server, with AWS's own clients finding it by their environment. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { QueryCommand, type QueryCommandOutput, TimestreamQueryClient } from '@aws-sdk/client-timestream-query';
import {
  type _Record,
  type RejectedRecord,
  RejectedRecordsException,
  TimestreamWriteClient,
  WriteRecordsCommand,
} from '@aws-sdk/client-timestream-write';
import { vi } from 'vitest';
import type { TimestreamModel } from '../../../local/model/types.ts';
import { startTimestream, type TimestreamService } from '../../../local/services/timestream.ts';

export const NOW = Date.parse('2026-11-20T12:00:00Z');
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const DATABASE = 'headroom';
export const TABLE = 'samples';

export function modelOf(over: Partial<TimestreamModel['tables'][number]> = {}): TimestreamModel {
  const table = { database: DATABASE, name: TABLE, memoryHours: 24, magneticDays: 400, magneticWrites: true };
  return { databases: [DATABASE], tables: [{ ...table, ...over }] };
}

/** What a fault does to a request; `undefined` lets it pass to the emulator. */
export type Fault = (operation: string) => { status: number; body: unknown } | 'hang' | undefined;

export interface TimestreamWorld {
  readonly service: TimestreamService;
  readonly writer: TimestreamWriteClient;
  readonly querier: TimestreamQueryClient;
  readonly clock: { now(): number; moveTo(at: number): void };
  readonly folder: string;
  /** Operations in order of arrival. */
  readonly calls: string[];
  fault: Fault;
  close(): Promise<void>;
}

export async function startWorld(options: { model?: TimestreamModel; folder?: string } = {}): Promise<TimestreamWorld> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'timestream-'));
  let at = NOW;
  const clock = {
    now: () => at,
    moveTo: (to: number) => {
      at = to;
    },
  };
  const service = await startTimestream(options.model ?? modelOf(), folder, clock);
  const calls: string[] = [];
  const world = { service, clock, folder, calls, fault: () => undefined } as unknown as TimestreamWorld;
  const server = serve(world);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  // As functions get it: no endpoint in the code, so the clients discover theirs.
  vi.stubEnv('AWS_ENDPOINT_URL', url);
  const settings = {
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  };
  const [writer, querier] = [new TimestreamWriteClient(settings), new TimestreamQueryClient(settings)];
  return Object.assign(world, {
    writer,
    querier,
    close: async () => {
      writer.destroy();
      querier.destroy();
      vi.unstubAllEnvs();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await service.close();
      if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
    },
  });
}

function serve(world: TimestreamWorld): Server {
  return createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const operation = String(request.headers['x-amz-target']).replace('Timestream_20181101.', '');
    world.calls.push(operation);
    const broken = world.fault(operation);
    if (broken === 'hang') return;
    const { status, body } =
      broken ?? (await world.service.handle(operation, JSON.parse(Buffer.concat(chunks).toString())));
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(JSON.stringify(body));
  });
}

export function record(
  over: Partial<_Record> & { at?: number; entity?: string; values?: Record<string, number> } = {},
): _Record {
  const { at = NOW, entity = 'core1/ether1', values = { ifHCInOctets: 1 }, ...rest } = over;
  return {
    Dimensions: [
      { Name: 'tenant', Value: 'demo' },
      { Name: 'entity', Value: entity },
    ],
    MeasureName: 'sample',
    MeasureValueType: 'MULTI',
    MeasureValues: Object.entries(values).map(([Name, value]) => ({ Name, Value: String(value), Type: 'BIGINT' })),
    Time: String(at),
    TimeUnit: 'MILLISECONDS',
    ...rest,
  };
}

/** Resolves to the rejected records; none when all were stored. */
export async function write(world: TimestreamWorld, ...records: _Record[]): Promise<RejectedRecord[]> {
  try {
    await world.writer.send(new WriteRecordsCommand({ DatabaseName: DATABASE, TableName: TABLE, Records: records }));
    return [];
  } catch (error) {
    if (error instanceof RejectedRecordsException) return error.RejectedRecords ?? [];
    throw error;
  }
}

/** All pages, rows as texts. */
export async function query(world: TimestreamWorld, sql: string): Promise<(string | null)[][]> {
  const rows: (string | null)[][] = [];
  let NextToken: string | undefined;
  do {
    const page: QueryCommandOutput = await world.querier.send(new QueryCommand({ QueryString: sql, NextToken }));
    for (const row of page.Rows ?? []) rows.push((row.Data ?? []).map((datum) => datum.ScalarValue ?? null));
    NextToken = page.NextToken;
  } while (NextToken);
  return rows;
}
