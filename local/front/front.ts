/** The public door of this machine: the console, the API's paths, and the page's files with the distribution's headers. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { extname } from 'node:path';
import type { SiteModel } from '../model/types.ts';
import type { HttpApi } from './http-api.ts';

export interface FrontParts {
  readonly api: HttpApi;
  readonly site: SiteModel | undefined;
  /** Object of the site's bucket. */
  readFile(key: string): Promise<Buffer | undefined>;
  /** `/_local…`; nothing of it exists in AWS. */
  console(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void>;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
};

export function createFront(parts: FrontParts): RequestListener {
  return (request, response) => {
    serve(parts, request, response).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ message: error instanceof Error ? error.message : String(error) }));
    });
  };
}

async function serve(parts: FrontParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  // A page of another site must not drive this machine through the visitor's browser (DNS rebinding).
  if (!isLoopbackName(request.headers.host)) {
    response.writeHead(421, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ message: 'this server answers to 127.0.0.1 and localhost only' }));
    return;
  }
  const url = targetOf(request.url ?? '/');
  if (!url) {
    response.writeHead(400, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ message: 'Bad Request' }));
    return;
  }
  if (url.pathname === '/_local' || url.pathname.startsWith('/_local/')) return parts.console(request, response, url);
  const toApi = parts.site ? parts.site.apiPatterns.some((p) => matches(p, url.pathname)) : true;
  if (toApi) return parts.api.handle(request, response, url);
  return serveFile(parts, request, response, url.pathname);
}

/** A path from the root; undefined for anything else that a request line can hold. */
function targetOf(target: string): URL | undefined {
  const text = `http://127.0.0.1${target}`;
  return target.startsWith('/') && URL.canParse(text) ? new URL(text) : undefined;
}

function isLoopbackName(host: string | undefined): boolean {
  return /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(host ?? '');
}

/** CloudFront's path patterns: `*` is any text, `?` one character. */
function matches(pattern: string, path: string): boolean {
  const wanted = pattern.startsWith('/') ? pattern : `/${pattern}`;
  const expression = wanted
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${expression}$`).test(path);
}

async function serveFile(
  parts: FrontParts,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
): Promise<void> {
  const site = parts.site;
  if (!site || (request.method !== 'GET' && request.method !== 'HEAD')) {
    response.writeHead(site ? 405 : 404, site ? { ...site.headers, allow: 'GET, HEAD' } : {}).end();
    return;
  }
  const key = path === '/' ? site.defaultFile : keyOf(path);
  const file = key === undefined ? undefined : await parts.readFile(key);
  const headers = { ...site.headers, 'cache-control': 'no-cache' };
  if (!key || !file) {
    response.writeHead(404, { ...headers, 'content-type': 'text/plain; charset=utf-8' });
    response.end('There is no such page.\n');
    return;
  }
  const type = TYPES[extname(key)] ?? 'application/octet-stream';
  response.writeHead(200, { ...headers, 'content-type': type, 'content-length': file.length });
  response.end(request.method === 'HEAD' ? undefined : file);
}

/** The object's key; undefined for a path that can be none of ours, or that would leave the bucket on its way to it. */
function keyOf(path: string): string | undefined {
  try {
    const key = decodeURIComponent(path.slice(1));
    return key.split('/').some((part) => part === '' || part === '.' || part === '..') ? undefined : key;
  } catch {
    return undefined;
  }
}
