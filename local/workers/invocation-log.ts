/** The newest invocations and log lines of one function, bounded, and without what must not be seen. */
import { MASK, redact } from '../../shared/platform/redact.ts';
import type { ThrownError } from './messages.ts';

const KEEP_INVOCATIONS = 200;
const KEEP_LINES = 1000;
/** Of one line: a function that logs whole documents must not fill this machine. */
const LINE_CHARACTERS = 10_000;
/** An event is shown to a person: more than this helps nobody. */
const EVENT_CHARACTERS = 2000;

const SECRET_HEADERS = ['authorization', 'cookie', 'x-twilio-signature'];
/** Of a body; what follows a cut inside a secret is masked with it. */
const READ_CHARACTERS = 10_000;
/** Fields of request bodies that hold secrets, whole. */
const SECRET_FIELDS = ['credentials', 'password', 'passcode', 'secret', 'token'];

interface HttpEvent {
  readonly headers?: Record<string, string>;
  readonly cookies?: readonly string[];
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
}

/** A person may look at requests here, not at the tokens and credentials that came with them. */
function shownEvent(event: unknown): string {
  const http = event as HttpEvent | null;
  const shown =
    typeof http?.headers === 'object'
      ? {
          ...http,
          headers: withoutSecrets(http.headers),
          ...(http.cookies === undefined ? {} : { cookies: [MASK] }),
          ...(http.body === undefined ? {} : { body: shownBody(http) }),
        }
      : event;
  return redact(JSON.stringify(shown) ?? '', {});
}

function withoutSecrets(headers: Readonly<Record<string, string>>): Record<string, string> {
  const masked = SECRET_HEADERS.filter((name) => name in headers).map((name) => [name, MASK]);
  return { ...headers, ...(Object.fromEntries(masked) as Record<string, string>) };
}

function shownBody({ body = '', isBase64Encoded = false }: { body?: string; isBase64Encoded?: boolean }): string {
  return isBase64Encoded ? MASK : redact(body.slice(0, READ_CHARACTERS), { keys: SECRET_FIELDS });
}

export interface LoggedInvocation {
  readonly id: string;
  readonly at: number;
  readonly ok: boolean;
  readonly durationMs: number;
  readonly event: string;
  readonly error?: ThrownError;
}

export class InvocationLog {
  private invocations: LoggedInvocation[] = [];
  private lines: string[] = [];
  count = 0;
  errors = 0;
  totalMs = 0;

  add(entry: { id: string; at: number; ok: boolean; durationMs: number; event: unknown; error?: ThrownError }): void {
    this.count += 1;
    this.totalMs += entry.durationMs;
    if (!entry.ok) this.errors += 1;
    const event = ownCopy(shownEvent(entry.event), EVENT_CHARACTERS);
    const { id, at, ok, durationMs, error } = entry;
    this.invocations.push({ id, at, ok, durationMs, event, ...(error ? { error } : {}) });
    if (this.invocations.length > KEEP_INVOCATIONS) this.invocations.shift();
    if (error) this.write(`${error.name}: ${error.message}`);
  }

  write(text: string): void {
    for (const line of text.split('\n')) if (line.length > 0) this.lines.push(ownCopy(line, LINE_CHARACTERS));
    if (this.lines.length > KEEP_LINES) this.lines.splice(0, this.lines.length - KEEP_LINES);
  }

  newest(): readonly LoggedInvocation[] {
    return this.invocations;
  }

  newestLines(): readonly string[] {
    return this.lines;
  }
}

/** A slice alone would keep the whole text alive that it was cut from: an import of 10 MB for 2,000 characters of it. */
function ownCopy(text: string, characters: number): string {
  return text.length <= characters ? text : Buffer.from(text.slice(0, characters), 'utf8').toString('utf8');
}
