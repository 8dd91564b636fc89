/** Bundles every function in one esbuild run; each becomes a folder with one CommonJS file. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { FUNCTIONS } from '../functions/manifest.ts';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');

export interface Bundles {
  /** Folder of a function's bundle, for a Lambda asset. */
  folderOf(functionName: string): string;
  /** Removes the folders; CDK has copied them by then. */
  dispose(): void;
}

/** CommonJS loads faster than ESM for SDK bundles; `.cjs` because the repository is of type module. */
export function bundleFunctions(): Bundles {
  const parent = join(ROOT, '.build');
  mkdirSync(parent, { recursive: true });
  const out = mkdtempSync(join(parent, 'functions-'));
  buildSync({
    entryPoints: FUNCTIONS.map((row) => ({
      in: join(ROOT, row.entry),
      out: `${row.name}/index`,
    })),
    outdir: out,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    minify: true,
    legalComments: 'none',
    absWorkingDir: ROOT,
    logLevel: 'error',
    mainFields: ['module', 'main'],
    // Native parts of ssh2, which tries them and goes on without them; a bundle holds no machine code.
    external: ['cpu-features', '*.node'],
    alias: { '@aws-sdk/credential-provider-node': join(ROOT, 'lib/environment-credentials.ts') },
  });
  return {
    folderOf: (name) => join(out, name),
    dispose: () => rmSync(out, { recursive: true, force: true }),
  };
}
