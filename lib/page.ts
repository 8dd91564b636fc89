/** Builds the static page into a folder: one script, one style sheet, named by their content, and the files beside them. */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const SOURCE = join(dirname(fileURLToPath(import.meta.url)), '..', 'dashboard');
const COPIED = ['icon.svg'];

/** Returns the names of the files, relative to `outFolder`, `index.html` last: what it names must be there before it. */
export function buildPage(outFolder: string): string[] {
  mkdirSync(outFolder, { recursive: true });
  const { metafile } = buildSync({
    entryPoints: ['main.ts', 'style.css'],
    absWorkingDir: SOURCE,
    outdir: outFolder,
    entryNames: '[name]-[hash]',
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    legalComments: 'none',
    logLevel: 'error',
    metafile: true,
  });
  const built = Object.entries(metafile.outputs).map(([path, output]) => ({
    name: basename(path),
    source: output.entryPoint ?? '',
  }));
  for (const file of COPIED) copyFileSync(join(SOURCE, file), join(outFolder, file));
  writeFileSync(join(outFolder, 'index.html'), withNames(readFileSync(join(SOURCE, 'index.html'), 'utf8'), built));
  return [...built.map((b) => b.name), ...COPIED, 'index.html'];
}

function withNames(html: string, built: readonly { readonly name: string; readonly source: string }[]): string {
  return built.reduce((text, { name, source }) => {
    const written = `"/${source.replace(/\.ts$/, '.js')}"`;
    if (!text.includes(written)) throw new Error(`dashboard/index.html does not name ${written}`);
    return text.replace(written, `"/${name}"`);
  }, html);
}

/** Header for a file of the page: names that carry a hash never change their content, all others may at any time. */
export function cacheControlOf(file: string): string {
  return /-[A-Z0-9]{8}\.(js|css)$/.test(file) ? 'public, max-age=31536000, immutable' : 'no-cache';
}
