/** Credentials of sources: one secret per tenant, whose content no error and no log ever shows. */

export type SecretFields = Readonly<Record<string, string>>;

export interface SecretStore {
  /**
   * A source's fields, at most 5 minutes old; `refresh` asks the store itself. Undefined when none are stored.
   * Throws SOURCE_REJECTED when the stored secret is not readable, STORE_UNAVAILABLE when the store does not answer.
   */
  readSecret(tenant: string, source: string, options?: { refresh?: boolean }): Promise<SecretFields | undefined>;
  /** Replaces a source's fields, or forgets them. Throws REQUEST_INVALID when the tenant's secret would grow too large. */
  writeSecret(tenant: string, source: string, fields: SecretFields | undefined): Promise<void>;
  /** The tenant's own 32 random octets, for encrypting what is kept outside of its secret; made when there are none. */
  readTokenKey(tenant: string): Promise<Uint8Array>;
}
