/** Takes collect messages from a queue and runs the pipeline for each; one that fails comes back alone. */
import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { Logger } from '@aws-lambda-powertools/logger';
import type { Metrics } from '@aws-lambda-powertools/metrics';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { collectMessage, type QueuedCollectMessage } from '../../shared/collect/collect.contract.ts';
import { collect } from '../../shared/collect/pipeline.ts';
import type { CollectDeps, CollectReport } from '../../shared/collect/run-context.ts';
import { readRecord } from '../records.ts';

export interface CollectorHandlerDeps extends CollectDeps {
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error' | 'debug'>;
  readonly metrics: Pick<Metrics, 'addMetric' | 'hasStoredMetrics' | 'publishStoredMetrics'>;
}

export type CollectorHandler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

/** Records of one batch are run at once, so a source that is slow holds up no other. */
export function createCollectorHandler(deps: CollectorHandlerDeps): CollectorHandler {
  return async (event, context) => {
    const deadline = deps.clock.now() + context.getRemainingTimeInMillis();
    const processor = new BatchProcessor(EventType.SQS, { logger: deps.logger });
    try {
      // Also when all have failed they go back one by one: an invocation that throws would count as a crash.
      return await processPartialResponse(
        event,
        (record: SQSRecord) => collectRecord(deps, record, deadline),
        processor,
        {
          throwOnFullBatchFailure: false,
        },
      );
    } finally {
      if (deps.metrics.hasStoredMetrics()) deps.metrics.publishStoredMetrics();
    }
  };
}

async function collectRecord(deps: CollectorHandlerDeps, record: SQSRecord, deadline: number): Promise<void> {
  const message = readRecord(collectMessage, record, deps.logger) as QueuedCollectMessage;
  const { tenant, source, slot, part } = message;
  const line = { tenant, source, slot, part };
  try {
    const report = await collect(deps, message, { deadline });
    deps.logger.info('collected', { ...line, ...report });
    count(deps.metrics, report);
  } catch (error) {
    deps.logger.error('collection broke off', { ...line, error: error as Error });
    throw error;
  }
}

const RUNS: Readonly<Record<CollectReport['outcome'], string>> = {
  success: 'RunsSucceeded',
  partial: 'RunsPartial',
  failed: 'RunsFailed',
  skipped: 'RunsSkipped',
  deferred: 'RunsDeferred',
};

/** No dimension of tenant or source: each would be a metric that is paid for. */
function count(metrics: CollectorHandlerDeps['metrics'], report: CollectReport): void {
  metrics.addMetric(RUNS[report.outcome], 'Count', 1);
  metrics.addMetric('ReadingsAccepted', 'Count', report.accepted);
  if (report.rejected > 0) metrics.addMetric('ReadingsRejected', 'Count', report.rejected);
}
