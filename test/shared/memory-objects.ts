/** Objects in memory: what S3 keeps, without its server. */
import type { ObjectStore } from '../../shared/platform/objects.port.ts';

export interface MemoryObjects extends ObjectStore {
  readonly stored: ReadonlyMap<string, Uint8Array>;
  /** Runs before every call takes effect; throw to play a failure. */
  before: (verb: 'put' | 'has' | 'get' | 'folders', key: string) => void;
}

export function memoryObjects(): MemoryObjects {
  const stored = new Map<string, Uint8Array>();
  const objects: MemoryObjects = {
    stored,
    before: () => undefined,
    async put(key, body) {
      objects.before('put', key);
      stored.set(key, new Uint8Array(body));
    },
    async has(key) {
      objects.before('has', key);
      return stored.has(key);
    },
    async get(key, range) {
      objects.before('get', key);
      const body = stored.get(key);
      if (!body || !range) return body;
      return body.slice(range.offset, range.offset + range.bytes);
    },
    async folders(prefix) {
      objects.before('folders', prefix);
      const names = [...stored.keys()]
        .filter((key) => key.startsWith(prefix) && key.indexOf('/', prefix.length) >= 0)
        .map((key) => key.slice(prefix.length, key.indexOf('/', prefix.length)));
      return [...new Set(names)].sort();
    },
  };
  return objects;
}
