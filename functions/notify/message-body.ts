/** Reads a message's body by its schema. Pure. */
import * as z from 'zod/mini';
import { AppError } from '../../shared/platform/errors.ts';

/** Throws REQUEST_INVALID, which no retry mends: the queue puts such a message aside with its cause. */
export function parseMessage<T extends z.ZodMiniType>(schema: T, body: string): z.infer<T> {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch (error) {
    throw new AppError('REQUEST_INVALID', 'the message is not JSON', { cause: error });
  }
  const parsed = z.safeParse(schema, json);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
  throw new AppError('REQUEST_INVALID', 'the message does not have the agreed shape', { context: { issues } });
}
