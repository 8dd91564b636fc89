/** The app of a stage, synthesized by a process of its own as `cdk synth` does it, with every check on. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(import.meta.dirname, '..', '..');
const PATIENCE_MS = 110_000;

export interface Resource {
  readonly stack: string;
  readonly id: string;
  readonly Type: string;
  // A template's properties have no type that would help a test.
  // biome-ignore lint/suspicious/noExplicitAny: properties of any resource
  readonly Properties: Record<string, any>;
  readonly DeletionPolicy?: string;
}

export interface Report {
  readonly pluginReports: readonly {
    readonly pluginName: string;
    readonly conclusion: string;
    readonly violations: readonly { readonly ruleName: string }[];
  }[];
}

export interface Synthesized {
  readonly resources: readonly Resource[];
  readonly report: Report;
  readonly manifest: { readonly missing?: unknown };
  of(type: string): Resource[];
}

/** Neither a home nor credentials, nor a way out: what needs one of them fails. */
const OFFLINE = {
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CONFIG_FILE: '/nowhere',
  AWS_SHARED_CREDENTIALS_FILE: '/nowhere',
  HTTPS_PROXY: 'http://127.0.0.1:9',
  HTTP_PROXY: 'http://127.0.0.1:9',
};

export async function synthesize(stage: string): Promise<Synthesized> {
  const folder = mkdtempSync(join(tmpdir(), `headroom-synth-${stage}-`));
  const { context } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8')) as { context: Record<string, unknown> };
  try {
    await promisify(execFile)(process.execPath, ['bin/headroom.ts'], {
      cwd: ROOT,
      timeout: PATIENCE_MS,
      env: {
        PATH: process.env.PATH,
        ...OFFLINE,
        CDK_OUTDIR: folder,
        CDK_CONTEXT_JSON: JSON.stringify({ ...context, stage, nag: 'true' }),
      },
    });
    return read(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function read(folder: string): Synthesized {
  const json = (file: string): unknown => JSON.parse(readFileSync(join(folder, file), 'utf8'));
  const templates = readdirSync(folder).filter((file) => file.endsWith('.template.json'));
  const resources = templates.sort().flatMap((file) => {
    const { Resources } = json(file) as { Resources: Record<string, Omit<Resource, 'stack' | 'id'>> };
    const stack = file.replace('.template.json', '');
    return Object.entries(Resources).map(([id, one]) => ({ ...one, Properties: one.Properties ?? {}, stack, id }));
  });
  return {
    resources,
    report: json('validation-report.json') as Report,
    manifest: json('manifest.json') as Synthesized['manifest'],
    of: (type) => resources.filter((one) => one.Type === type),
  };
}
