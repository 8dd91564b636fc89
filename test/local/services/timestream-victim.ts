/** Writes to an emulated Timestream until it is killed, with one line for each call that was acknowledged. */
import { writeSync } from 'node:fs';
import { startTimestream } from '../../../local/services/timestream.ts';

const NOW = Date.parse('2026-11-20T12:00:00Z');
const [, , folder = ''] = process.argv;
const table = { database: 'headroom', name: 'samples', memoryHours: 24, magneticDays: 400, magneticWrites: true };
const service = await startTimestream({ databases: ['headroom'], tables: [table] }, folder, { now: () => NOW });

for (let call = 0; ; call++) {
  const Records = Array.from({ length: 10 }, (_, n) => ({
    Dimensions: [{ Name: 'entity', Value: `e${n}` }],
    MeasureName: 'sample',
    MeasureValueType: 'MULTI',
    MeasureValues: [{ Name: 'a', Value: String(call), Type: 'BIGINT' }],
    Time: String(NOW - call),
  }));
  const { status } = await service.handle('WriteRecords', { DatabaseName: 'headroom', TableName: 'samples', Records });
  if (status === 200) writeSync(1, '.\n');
}
