import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { buildPage, cacheControlOf } from '../../lib/page.ts';

/** Of a first visit over a slow link, bytes as compressed on the way. */
const FIRST_LOAD_LIMIT = 30_000;

describe('the built page', () => {
  const folder = mkdtempSync(join(tmpdir(), 'headroom-page-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const files = buildPage(folder);
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8');

  it('is a handful of files, all there, the one that names the others last', () => {
    expect(files.map((f) => f.replace(/-[A-Z0-9]{8}/, '-HASH')).sort()).toEqual([
      'icon.svg',
      'index.html',
      'main-HASH.js',
      'style-HASH.css',
    ]);
    expect(files.at(-1)).toBe('index.html');
    for (const name of files) expect(read(name).length).toBeGreaterThan(0);
  });

  it('names its script and its style by their content', () => {
    for (const name of files.filter((f) => /\.(js|css)$/.test(f))) {
      expect(read('index.html')).toContain(`"/${name}"`);
      expect(cacheControlOf(name)).toContain('immutable');
    }
    expect(['index.html', 'icon.svg', 'config.json'].map(cacheControlOf)).toEqual(['no-cache', 'no-cache', 'no-cache']);
  });

  it('has the same names when it is built again', () => {
    expect(buildPage(folder)).toEqual(files);
  });

  it('is small', () => {
    const bytes = files.reduce((sum, name) => sum + gzipSync(read(name)).length, 0);
    expect(bytes).toBeLessThan(FIRST_LOAD_LIMIT);
  });

  it('has nothing that its security policy would refuse, and nothing of the checks of the API', () => {
    expect(read('index.html')).not.toMatch(/<script(?![^>]*\ssrc=)|\sstyle=|\son\w+=|https?:\/\//i);
    expect(files.map(read).join('\n')).not.toMatch(/safeParse|ZodMini|localStorage|\beval\(|innerHTML/);
  });
});
