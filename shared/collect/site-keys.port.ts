/** Where the keys of sites are kept: the directory says whose one is, the tenant's secret holds the rest. */
import type { SiteKey } from './site-key.ts';

export interface SiteRef {
  readonly tenant: string;
  readonly source: string;
}

/** What became of a pack that wants to be taken. */
export type Claim = 'taken' | 'replayed' | 'tooSoon';

export interface SiteKeyReader {
  /** Whose key that is; undefined when it is nobody's. Says nothing about who asks. */
  find(keyId: string): Promise<SiteRef | undefined>;
  /** The source's key if it has that id; another one is read anew first, for it may have been renewed just now. */
  read(site: SiteRef, keyId: string): Promise<SiteKey | undefined>;
  /**
   * Takes the place of one pack: one per `minute`, and of signed ones only such as were signed after the last (`signedAt`,
   * epoch seconds). Two at once: one of them.
   */
  claim(keyId: string, minute: number, signedAt?: number): Promise<Claim>;
  /** The same for requests about work, at their own pace: false unless it was signed after the last (epoch seconds). */
  claimWork(keyId: string, signedAt: number): Promise<boolean>;
}

export interface SiteKeyStore extends SiteKeyReader {
  /** Makes a key; the one before it is worth nothing from then on. The only time that its secret is told. */
  renew(site: SiteRef): Promise<SiteKey>;
  /** Id of the source's newest key. */
  currentId(site: SiteRef): Promise<string | undefined>;
  /** Drops the row of the directory; the secret goes with the source's credentials. */
  forget(site: SiteRef): Promise<void>;
}
