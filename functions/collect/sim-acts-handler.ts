/** Takes the messages of jobs on SIMs from their queue; one that fails comes back alone. */
import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { Logger } from '@aws-lambda-powertools/logger';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { simActMessage } from '../../shared/sims/sim-actions.contract.ts';
import { readRecord } from '../records.ts';
import { createSimActs, type SimActDeps } from './sim-acts.ts';

export interface SimActHandlerDeps extends SimActDeps {
  readonly logger: Pick<Logger, 'info' | 'error' | 'debug' | 'warn'>;
}

export function createSimActHandler(
  deps: SimActHandlerDeps,
): (event: SQSEvent, context: Context) => Promise<SQSBatchResponse> {
  const act = createSimActs(deps);
  return (event, context) => {
    const deadline = deps.clock.now() + context.getRemainingTimeInMillis();
    const handle = async (record: SQSRecord): Promise<void> => {
      const message = readRecord(simActMessage, record, deps.logger);
      const line = { tenant: message.tenant, job: message.job };
      try {
        // Two records of one invocation are two holders.
        const report = await act(message, { deadline, holder: `${context.awsRequestId} ${record.messageId}` });
        deps.logger.info('worked on a job', { ...line, ...report });
      } catch (error) {
        deps.logger.error('work on a job broke off', { ...line, error: error as Error });
        throw error;
      }
    };
    const processor = new BatchProcessor(EventType.SQS, { logger: deps.logger });
    return processPartialResponse(event, handle, processor, { throwOnFullBatchFailure: false });
  };
}
