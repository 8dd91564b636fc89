/** What every store of objects must do, in memory or behind S3's protocol. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { ObjectStore } from '../../shared/platform/objects.port.ts';

const bytes = (text: string) => new Uint8Array(Buffer.from(text));
const put = (objects: ObjectStore, key: string, text: string) => objects.put(key, bytes(text), 'text/plain');
const textOf = (body: Uint8Array | undefined) => body && Buffer.from(body).toString();

export function objectStoreContract(name: string, open: () => Promise<ObjectStore>): void {
  describe(name, () => {
    let objects: ObjectStore;
    beforeEach(async () => {
      objects = await open();
    });

    test('what was never put is not there, and that is no error', async () => {
      expect(await objects.get('a/b')).toBeUndefined();
      expect(await objects.has('a/b')).toBe(false);
      expect(await objects.folders('a/')).toEqual([]);
    });

    test('an object comes back byte by byte, and the newest of two is the one', async () => {
      const all = Uint8Array.from({ length: 256 }, (_, at) => at);
      await objects.put('a/b', all, 'application/gzip');
      expect([...((await objects.get('a/b')) ?? [])]).toEqual([...all]);
      expect(await objects.has('a/b')).toBe(true);
      await put(objects, 'a/b', 'newer');
      expect(textOf(await objects.get('a/b'))).toBe('newer');
      await objects.put('a/b', new Uint8Array(), 'text/plain');
      expect((await objects.get('a/b'))?.length).toBe(0);
    });

    test('a range is exactly what was asked for', async () => {
      await put(objects, 'k', '0123456789');
      expect(textOf(await objects.get('k', { offset: 0, bytes: 1 }))).toBe('0');
      expect(textOf(await objects.get('k', { offset: 3, bytes: 4 }))).toBe('3456');
      expect(textOf(await objects.get('k', { offset: 9, bytes: 1 }))).toBe('9');
      expect(await objects.get('other', { offset: 0, bytes: 1 })).toBeUndefined();
    });

    test.each(['a%2Fb', 'ü €', 'a+b=c&d', "it's(!)*", 'a//b', 'a/%2E./b', 'x~y:z'])(
      'the key %j is its own',
      async (key) => {
        await put(objects, key, 'mine');
        expect(textOf(await objects.get(key))).toBe('mine');
        expect(await objects.has(decodeURIComponent(key) === key ? `${key}x` : decodeURIComponent(key))).toBe(false);
      },
    );

    test('folders are what stands before the next slash, each once, of this prefix alone', async () => {
      for (const key of ['acme/2025-02/x', 'acme/2025-01/a/b', 'acme/2025-01/c', 'acme/file', 'acme-2/2024-01/x']) {
        await put(objects, key, 'x');
      }
      expect(await objects.folders('acme/')).toEqual(['2025-01', '2025-02']);
      expect(await objects.folders('acme/2025-01/')).toEqual(['a']);
      expect(await objects.folders('acm/')).toEqual([]);
    });
  });
}
