/** The history import: readings of the past enter as batches, and go through the same fold as everything else. */
import { isOlderExport, parseOlderExport } from '../../shared/bundles/older-export.ts';
import type { FoldMessage, Source } from '../../shared/collect/source.ts';
import type { SourceStore } from '../../shared/collect/sources.port.ts';
import { importHistory } from '../../shared/collect/sources-api.contract.ts';
import type { EntityStore } from '../../shared/entities/entities.port.ts';
import type { Entity } from '../../shared/entities/entity.ts';
import { fromPublicId } from '../../shared/entities/public-id.ts';
import { type Clock, isoInstant } from '../../shared/platform/clock.ts';
import { AppError, type Issue } from '../../shared/platform/errors.ts';
import type { Queue } from '../../shared/platform/queue.port.ts';
import { type ImportError, type ImportRow, parseImport, toBatches } from '../../shared/samples/import.ts';
import type { Metric } from '../../shared/samples/metric.ts';
import type { Batch, TargetRef } from '../../shared/samples/sample.ts';
import { type Endpoint, endpoint } from './api.ts';
import { refuseOwn } from './source-writes.ts';
import { findSource } from './sources.ts';

export interface HistoryApiDeps {
  readonly sources: Pick<SourceStore, 'read'>;
  readonly entities: Pick<EntityStore, 'listOfTarget'>;
  readonly history: { importPoints(ref: TargetRef, batches: readonly Batch[]): Promise<unknown> };
  readonly foldQueue: Queue<FoldMessage>;
  readonly metricsOf: (kind: string) => readonly Metric[];
  readonly clock: Clock;
}

export function createHistoryEndpoints(deps: HistoryApiDeps): Endpoint[] {
  return [
    endpoint(importHistory, async ({ params, body }, { tenant }) => {
      const source = await findSource(deps.sources, tenant, params.id);
      refuseOwn(source);
      const now = deps.clock.now();
      // Its columns are those of bundles, whatever else a source may hold.
      const parsed =
        source.type === 'taara' && isOlderExport(body)
          ? parseOlderExport(body, { now })
          : parseImport(body, { metrics: deps.metricsOf(source.kind), now });
      if (parsed.errorCount > 0) throw refused(parsed.errors, parsed.errorCount);
      if (parsed.rows.length === 0) throw refused([{ line: 0, column: '', message: 'has a header and no rows' }], 1);
      const known = await deps.entities.listOfTarget(tenant.tenant, source.kind, source.id);
      const ids = entityIds(source, parsed.rows, known);
      const ref = { tenant: tenant.tenant, kind: source.kind, target: source.id };
      const entityOf = (row: ImportRow): string => ids.get(row) ?? '';
      const batches = toBatches(parsed.rows, { ref, periodSeconds: source.periodSeconds, receivedAt: now, entityOf });
      await deps.history.importPoints(ref, batches);
      await deps.foldQueue.send({ version: 1, ...ref });
      const times = parsed.rows.map((r) => r.at);
      return {
        rows: parsed.rows.length,
        entities: new Set(ids.values()).size,
        from: isoInstant(times.reduce((a, b) => Math.min(a, b), now)),
        to: isoInstant(times.reduce((a, b) => Math.max(a, b), 0)),
      };
    }),
  ];
}

/** Ids of the rows' entities; every row that names nothing known is told, and then nothing is stored. */
function entityIds(source: Source, rows: readonly ImportRow[], known: readonly Entity[]): Map<ImportRow, string> {
  const ids = new Map<ImportRow, string>();
  const unknown: ImportError[] = [];
  const names = known.map((e) => String(e.attributes.planName ?? e.name));
  const byName = new Map(known.map((e, at) => [names[at] ?? '', e.id]));
  const byId = new Set(known.map((e) => e.id));
  for (const row of rows) {
    const namesakes = row.keyedBy === 'plan_name' ? names.filter((n) => n === row.entityKey).length : 1;
    const id = row.keyedBy === 'plan_name' ? byName.get(row.entityKey) : ownId(source, row.entityKey, byId);
    if (namesakes > 1)
      unknown.push({
        line: row.line,
        column: row.keyedBy,
        message: 'is the name of several plans here: name them by plan_id',
      });
    else if (id === undefined)
      unknown.push({ line: row.line, column: row.keyedBy, message: unknownName(row.entityKey) });
    else ids.set(row, id);
  }
  if (unknown.length > 0) throw refused(unknown, unknown.length);
  return ids;
}

/** As the API shows it, as the source's own name for it, or as the whole internal id. A plan of the past may be gone by now. */
function ownId(source: Source, key: string, known: ReadonlySet<string>): string | undefined {
  const shown = fromPublicId(key);
  if (shown !== undefined && known.has(shown)) return shown;
  if (known.has(key)) return key;
  return key.includes('/') || key.includes('~') ? undefined : `${source.id}/${key}`;
}

function unknownName(key: string): string {
  return `${JSON.stringify(key.slice(0, 60))} is nothing that this source has: use an id of GET /v1/bundles or /v1/interfaces`;
}

function refused(errors: readonly ImportError[], count: number): AppError {
  const issues: Issue[] = errors.map((e) => ({
    path: e.line === 0 ? 'body' : `line ${e.line}${e.column ? `, ${e.column}` : ''}`,
    message: e.message,
  }));
  const message = `${count} ${count === 1 ? 'row is' : 'rows are'} wrong, and nothing was stored: ${issues[0]?.path}: ${issues[0]?.message}`;
  return new AppError('REQUEST_INVALID', message, { context: { issues } });
}
