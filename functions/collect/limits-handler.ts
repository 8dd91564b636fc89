/** Takes the messages of what routers limit from their queue; one that fails comes back alone. */
import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { Logger } from '@aws-lambda-powertools/logger';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { limitsMessage } from '../../shared/resellers/resellers.contract.ts';
import { readRecord, receivesOf } from '../records.ts';
import { createLimits, type LimitsDeps } from './limits.ts';

export interface LimitsHandlerDeps extends LimitsDeps {
  readonly logger: Pick<Logger, 'info' | 'error' | 'debug' | 'warn'>;
}

export function createLimitsHandler(
  deps: LimitsHandlerDeps,
): (event: SQSEvent, context: Context) => Promise<SQSBatchResponse> {
  const work = createLimits(deps);
  return (event, context) => {
    const deadline = deps.clock.now() + context.getRemainingTimeInMillis();
    const handle = async (record: SQSRecord): Promise<void> => {
      const message = readRecord(limitsMessage, record, deps.logger);
      try {
        // Two records of one invocation are two holders.
        const holder = `${context.awsRequestId} ${record.messageId}`;
        const isAgain = receivesOf(record) > 1;
        const report = await work(message, { deadline, holder, isAgain });
        deps.logger.info('worked on limits', { ...message, report });
      } catch (error) {
        deps.logger.error('work on limits broke off', { ...message, error: error as Error });
        throw error;
      }
    };
    const processor = new BatchProcessor(EventType.SQS, { logger: deps.logger });
    return processPartialResponse(event, handle, processor, { throwOnFullBatchFailure: false });
  };
}
