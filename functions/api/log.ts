/** The one log line of a request that failed: code and route, never what a caller sent. */
import { Logger } from '@aws-lambda-powertools/logger';
import type { ApiLog } from './api.ts';

export function openLog(): ApiLog {
  const logger = new Logger();
  return {
    error(message, fields) {
      const { error, ...rest } = fields;
      logger.error(message, error instanceof Error ? { ...rest, error } : { ...rest });
    },
  };
}
