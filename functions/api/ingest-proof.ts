/** Who sends a pack, or asks for work: a site proves itself by a signature over time and body, or where it may, by its secret. Inert. */
import { isSameText, siteSignature } from '../../shared/collect/site-key.ts';
import type { SiteKeyReader } from '../../shared/collect/site-keys.port.ts';
import { answerPurpose } from '../../shared/collect/site-work.ts';
import type { Source } from '../../shared/collect/source.ts';
import type { SourceStore } from '../../shared/collect/sources.port.ts';
import type { TenantStore } from '../../shared/entities/entities.port.ts';
import { MAX_PACK_BYTES } from '../../shared/interfaces/push.contract.ts';
import { pushSettings } from '../../shared/interfaces/push-settings.ts';
import { type Clock, isoInstant } from '../../shared/platform/clock.ts';
import { AppError } from '../../shared/platform/errors.ts';
import type { SignedRequest, Sites } from './site.ts';

export interface ProofDeps {
  readonly keys: SiteKeyReader;
  readonly sources: Pick<SourceStore, 'read'>;
  readonly tenants: Pick<TenantStore, 'readTenant'>;
  readonly clock: Clock;
}

/** A site that proved itself. */
export interface Site {
  readonly source: Source;
  readonly keyId: string;
  /** Epoch seconds that were signed; undefined where the secret itself came. */
  readonly signedAt: number | undefined;
  readonly receivedAt: number;
  /** Signs our answer to this very request, as only who knows the secret can; undefined where nothing was signed. */
  readonly sign: ((answer: string) => string) | undefined;
}

/** A signature is good for so long on either side of our clock. */
export const MAX_SKEW_SECONDS = 300;
/** Stands in for the secret of a key that there is not, so that both refusals take the same steps. */
const NOBODY = '0'.repeat(64);

type Proof =
  | { readonly kind: 'signed'; readonly keyId: string; readonly time: string; readonly signature: string }
  | { readonly kind: 'bearer'; readonly keyId: string; readonly secret: string };

export function createSites(deps: ProofDeps): Sites<Site> {
  return {
    async identify(event) {
      const receivedAt = deps.clock.now();
      const body = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
      if (body.length > MAX_PACK_BYTES) throw tooLarge(body.length);
      const proof = proofOf(event.headers);
      if (proof.kind === 'signed') checkTime(proof.time, receivedAt);
      const site = await deps.keys.find(proof.keyId);
      const key = site && (await deps.keys.read(site, proof.keyId));
      const isProved = holds(proof, key?.secret ?? NOBODY, body);
      if (!site || !key || !isProved) throw refused();
      const source = await ownSource(deps, site);
      if (proof.kind === 'bearer' && !mayBear(source)) throw unsigned(source);
      return {
        source,
        keyId: proof.keyId,
        signedAt: proof.kind === 'signed' ? Number(proof.time) : undefined,
        receivedAt,
        sign:
          proof.kind === 'signed'
            ? (answer) => siteSignature(key.secret, answerPurpose(proof.signature), Buffer.from(answer))
            : undefined,
      };
    },
  };
}

/** A header that is not in its form proves as little as one that is not there. */
function proofOf(headers: SignedRequest['headers']): Proof {
  const bearer = /^Bearer ([0-9a-f]{32})\.([0-9a-f]{64})$/.exec(headers.authorization ?? '');
  if (bearer?.[1] && bearer[2]) return { kind: 'bearer', keyId: bearer[1], secret: bearer[2] };
  const keyId = headers['x-headroom-key'] ?? '';
  const time = headers['x-headroom-time'] ?? '';
  const signature = headers['x-headroom-signature'] ?? '';
  const wrong = [
    ...(/^[0-9a-f]{32}$/.test(keyId) ? [] : ['x-headroom-key: the id of the key, 32 hexadecimal digits']),
    ...(/^\d{1,11}$/.test(time) ? [] : ['x-headroom-time: whole seconds since 1970']),
    ...(/^v1=[0-9a-f]{64}$/.test(signature)
      ? []
      : ['x-headroom-signature: v1= and the hexadecimal HMAC-SHA256 of time, a dot and the body']),
  ];
  if (wrong.length === 0) return { kind: 'signed', keyId, time, signature };
  throw new AppError('UNAUTHENTICATED', `missing or not in its form: ${wrong.join('; ')}`);
}

function holds(proof: Proof, secret: string, body: Uint8Array): boolean {
  const [given, wanted] =
    proof.kind === 'bearer' ? [proof.secret, secret] : [proof.signature, siteSignature(secret, proof.time, body)];
  return isSameText(given, wanted);
}

/** Before the key is looked at: it tells our time, which is no secret, and turns away what was recorded long ago. */
function checkTime(time: string, now: number): void {
  const aheadSeconds = Number(time) - Math.floor(now / 1000);
  if (Math.abs(aheadSeconds) <= MAX_SKEW_SECONDS) return;
  const off = `${Math.abs(aheadSeconds)} s ${aheadSeconds > 0 ? 'ahead of' : 'behind'}`;
  throw new AppError(
    'UNAUTHENTICATED',
    `the time of the signature is ${off} ours, which is ${isoInstant(now)}: set the clock of the site (NTP), sign anew and send again; ${MAX_SKEW_SECONDS} s either way are accepted`,
    { context: { headers: { 'x-headroom-time': String(Math.floor(now / 1000)) } } },
  );
}

/** The same words for an unknown key, a wrong signature, and whatever was removed. */
function refused(): AppError {
  return new AppError(
    'UNAUTHENTICATED',
    'this key is not known, or its signature or secret is wrong: renew the key with POST /v1/sources/{id}/site-key if it was lost',
  );
}

async function ownSource(deps: ProofDeps, site: { tenant: string; source: string }): Promise<Source> {
  const [owner, source] = await Promise.all([
    deps.tenants.readTenant(site.tenant),
    deps.sources.read(site.tenant, site.source),
  ]);
  if (!owner || owner.removedAt !== undefined || source?.type !== 'push') throw refused();
  if (source.enabled) return source;
  throw new AppError('FORBIDDEN', `source "${source.id}" is disabled: nothing is taken until it is enabled`);
}

function mayBear({ settings }: Source): boolean {
  const parsed = pushSettings.safeParse(settings);
  return parsed.success && parsed.data.bearer;
}

function unsigned({ id }: Source): AppError {
  return new AppError(
    'UNAUTHENTICATED',
    `source "${id}" takes signed packs only: sign them, or set settings.bearer to true where RouterOS sends`,
  );
}

function tooLarge(bytes: number): AppError {
  const message = `has ${bytes} octets, and at most ${MAX_PACK_BYTES} are taken: send less at once`;
  return new AppError('REQUEST_INVALID', `the body ${message}`, { context: { issues: [{ path: '', message }] } });
}
