/** Entry point of the copier to Timestream. */
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { TimestreamWriteClient } from '@aws-sdk/client-timestream-write';
import { systemClock } from '../../shared/platform/clock.ts';
import { openTable } from '../../shared/platform/table.dynamodb.ts';
import { createSampleSource } from '../../shared/samples/copies.dynamodb.ts';
import { createTimestreamWriter } from '../../shared/samples/samples.timestream.ts';
import { timestreamConfig } from './timestream.config.ts';
import { createTimestreamHandler } from './timestream.ts';

const environment = timestreamConfig.parse(process.env);

export const handler = createTimestreamHandler({
  clock: systemClock,
  source: createSampleSource(openTable(environment.TABLE_NAME), systemClock),
  copy: createTimestreamWriter({
    // The writer tries again by itself, within the invocation's time.
    client: new TimestreamWriteClient({ maxAttempts: 1 }),
    database: environment.TIMESTREAM_DATABASE,
    table: environment.TIMESTREAM_TABLE,
  }),
  logger: new Logger(),
  metrics: new Metrics({ namespace: 'Headroom' }),
});
