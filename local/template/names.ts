/** Physical names for resources whose template names none: readable, stable from run to run, within each type's limit. Pure. */
import { createHash } from 'node:crypto';

/** Longest name of the types that allow less than most. */
const NAME_LIMIT: Readonly<Record<string, number>> = {
  'AWS::IAM::Role': 64,
  'AWS::Lambda::Function': 64,
  'AWS::S3::Bucket': 63,
  'AWS::SQS::Queue': 80,
  'AWS::Scheduler::Schedule': 64,
  'AWS::Scheduler::ScheduleGroup': 64,
};
const USUAL_LIMIT = 128;
const HASH_LENGTH = 12;
/** Types whose names are lower case. */
const LOWER_CASE: ReadonlySet<string> = new Set(['AWS::S3::Bucket']);

/** `explicit` as it is; else `<stack>-<logicalId>-<hash of both>`, the readable part cut to fit. */
export function physicalName(stack: string, logicalId: string, type: string, explicit?: string): string {
  if (explicit !== undefined) return explicit;
  const hash = createHash('sha256').update(`${stack}\n${logicalId}\n${type}`).digest('hex').slice(0, HASH_LENGTH);
  const room = (NAME_LIMIT[type] ?? USUAL_LIMIT) - HASH_LENGTH - 1;
  const readable = `${stack}-${logicalId}`.slice(0, room).replace(/-+$/, '');
  const name = `${readable}-${hash}`;
  return LOWER_CASE.has(type) ? name.toLowerCase() : name;
}
