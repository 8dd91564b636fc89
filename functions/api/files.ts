/** Files in requests and answers: which type, how it crosses the HTTP API, and where an answer ends. */
import { gzipSync } from 'node:zlib';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { AppError } from '../../shared/platform/errors.ts';
import type { FileAnswer, FileBody, FileType } from '../../shared/platform/route.ts';

/** Answers hold what tenants named: no browser may keep them, or take them for a page. */
export const HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' } as const;

/** Lambda answers with 6 MB at most, the JSON around a body counted; headers need a little room. */
const MAX_ANSWER_BYTES = 6_000_000;
/** What packs to 6 MB is not much larger than this; nothing is gathered without end. */
const MAX_UNPACKED_BYTES = 40_000_000;

/** Becomes a 415. */
export class UnsupportedBody extends Error {}

/** As the content type says. Text crosses as text, all else in base64. */
export function readFileBody(types: readonly FileType[], event: APIGatewayProxyEventV2): FileBody {
  const given = (event.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  const type = types.find((known) => known === given);
  if (!type) throw new UnsupportedBody(`send the file with the content type ${types.join(' or ')}`);
  return { type, bytes: Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8') };
}

/** What crosses as it is; all else is in base64. */
export function isTextType(type: FileType): boolean {
  return type.startsWith('text/');
}

/** Text is packed for whoever takes that, .xlsx is packed already. Throws REQUEST_INVALID when it is too large. */
export function answerFile(file: FileAnswer, acceptEncoding: string | undefined): APIGatewayProxyStructuredResultV2 {
  const isText = isTextType(file.type);
  const headers = {
    ...HEADERS,
    'content-type': isText ? `${file.type}; charset=utf-8` : file.type,
    'content-disposition': `attachment; filename="${file.fileName}"`,
    ...(file.nextCursor === undefined ? {} : { 'x-next-cursor': file.nextCursor }),
    ...(isText ? { vary: 'accept-encoding' } : {}),
  };
  const isPacked = isText && takesGzip(acceptEncoding);
  const content = gathered(file.pieces, isPacked ? MAX_UNPACKED_BYTES : MAX_ANSWER_BYTES);
  if (isText && !isPacked) {
    const body = content.toString('utf8');
    if (Buffer.byteLength(JSON.stringify(body)) > MAX_ANSWER_BYTES) throw tooLarge(isText);
    return { statusCode: 200, headers, body };
  }
  const body = (isPacked ? gzipSync(content) : content).toString('base64');
  if (body.length > MAX_ANSWER_BYTES) throw tooLarge(false);
  const encoding = isPacked ? { 'content-encoding': 'gzip' } : {};
  return { statusCode: 200, headers: { ...headers, ...encoding }, body, isBase64Encoded: true };

  function gathered(pieces: FileAnswer['pieces'], most: number): Buffer {
    const kept: Buffer[] = [];
    let bytes = 0;
    for (const piece of pieces) {
      const next = typeof piece === 'string' ? Buffer.from(piece, 'utf8') : Buffer.from(piece);
      bytes += next.length;
      if (bytes > most) throw tooLarge(isText && !isPacked);
      kept.push(next);
    }
    return Buffer.concat(kept);
  }
}

function takesGzip(acceptEncoding = ''): boolean {
  return /(^|[,\s])gzip\s*(;\s*q=(1|0?\.\d*[1-9]\d*)\b|$|,)/i.test(acceptEncoding);
}

function tooLarge(couldBePacked: boolean): AppError {
  const ways = `filter, or ask for fewer rows with \`limit\` and go on with \`cursor\`${couldBePacked ? '; or send "accept-encoding: gzip"' : ''}`;
  const issue = { path: 'query', message: `the file would be larger than the 6 MB of an answer: ${ways}` };
  return new AppError('REQUEST_INVALID', issue.message, { context: { issues: [issue] } });
}
