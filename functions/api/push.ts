/** The routes around a site that sends by itself: its key, and the script for a router. */
import type { SiteKeyStore } from '../../shared/collect/site-keys.port.ts';
import type { Source } from '../../shared/collect/source.ts';
import type { SourceStore } from '../../shared/collect/sources.port.ts';
import { readPushScript, renewSiteKey } from '../../shared/collect/sources-api.contract.ts';
import { pushScript } from '../../shared/interfaces/push-script.ts';
import { pushSettings } from '../../shared/interfaces/push-settings.ts';
import { AppError } from '../../shared/platform/errors.ts';
import { type Endpoint, endpoint } from './api.ts';
import { findSource } from './sources.ts';

export interface PushApiDeps {
  readonly sources: Pick<SourceStore, 'read'>;
  readonly siteKeys: Pick<SiteKeyStore, 'renew' | 'currentId'>;
  /** Where sites send to. */
  readonly publicUrl: string;
}

export function createPushEndpoints({ sources, siteKeys, publicUrl }: PushApiDeps): Endpoint[] {
  return [
    endpoint(renewSiteKey, async ({ params }, { tenant }) => {
      const source = onlyPush(await findSource(sources, tenant, params.id));
      return siteKeys.renew({ tenant: source.tenant, source: source.id });
    }),
    endpoint(readPushScript, async ({ params }, { tenant }) => {
      const source = onlyPush(await findSource(sources, tenant, params.id));
      const parsed = pushSettings.safeParse(source.settings);
      if (!parsed.success || !parsed.data.bearer) throw noBearer(source);
      const keyId = await siteKeys.currentId({ tenant: source.tenant, source: source.id });
      if (keyId === undefined) throw noKey(source);
      const { id, periodSeconds } = source;
      const text = pushScript({
        ...{ tenant: source.tenant, source: id, periodSeconds, keyId },
        publicUrl: publicUrl.replace(/\/+$/, ''),
      });
      return { type: 'text/plain' as const, fileName: `headroom-${id}.rsc`, pieces: [text] };
    }),
  ];
}

function onlyPush(source: Source): Source {
  if (source.type === 'push') return source;
  throw invalid(
    'path.id',
    `source "${source.id}" is of type ${source.type}, which is called: only a push source has a key`,
  );
}

function noBearer({ id }: Source): AppError {
  return invalid(
    'settings.bearer',
    `RouterOS cannot sign, and source "${id}" takes signed packs only: set settings.bearer to true with PATCH /v1/sources/${id}`,
  );
}

function noKey({ id }: Source): AppError {
  return new AppError('STORE_CONFLICT', `source "${id}" has no key: make one with POST /v1/sources/${id}/site-key`);
}

function invalid(path: string, message: string): AppError {
  return new AppError('REQUEST_INVALID', message, { context: { issues: [{ path, message }] } });
}
