/** A queue's batch, record by record: a failed one returns to the queue alone, and the log names its cause. */
import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import * as z from 'zod/mini';

export interface RecordLog {
  error(message: string, fields: Record<string, unknown>): void;
}

/** The body by its schema. What cannot be read ends among the dead letters, where only the log tells its cause. */
export function readRecord<T extends z.ZodMiniType>(schema: T, record: SQSRecord, log: RecordLog): z.infer<T> {
  try {
    return z.parse(schema, JSON.parse(record.body));
  } catch (error) {
    log.error('a message cannot be read', { messageId: record.messageId, error });
    throw error;
  }
}

/** How often a message was delivered, this time included. */
export function receivesOf(record: SQSRecord): number {
  return Number(record.attributes?.ApproximateReceiveCount ?? 1);
}

/** `done` runs once per batch, whatever became of its records. */
export function createRecordHandler(
  handle: (body: string) => Promise<void>,
  log: RecordLog,
  done: () => void = () => {},
): (event: SQSEvent, context: Context) => Promise<SQSBatchResponse> {
  const processor = new BatchProcessor(EventType.SQS);
  const handleRecord = async (record: SQSRecord): Promise<void> => {
    try {
      await handle(record.body);
    } catch (error) {
      const receives = receivesOf(record);
      log.error('a message was not handled', { messageId: record.messageId, receives, error });
      throw error;
    }
  };
  return async (event, context) => {
    const options = { context, throwOnFullBatchFailure: false };
    const response = await processPartialResponse(event, handleRecord, processor, options);
    done();
    return response;
  };
}
