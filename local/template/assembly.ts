/** Reads what `cdk synth` wrote: stacks in deployment order and the local files behind their asset keys. Reads the file system. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isValues, type Json, type Values } from './intrinsics.ts';
import type { Stack } from './resolve.ts';

/** A file or folder that the template refers to by its object key. */
export interface FileAsset {
  /** Absolute; a folder when the packaging is `zip`. */
  readonly path: string;
  readonly packaging: 'file' | 'zip';
}
/** The synthesized app. */
export interface Assembly {
  /** Each after the stacks it depends on. Without the bootstrap version parameter and its rule. */
  readonly stacks: readonly Stack[];
  /** By object key, as `Code.S3Key` names it; functions with one bundle share one key. */
  readonly assets: ReadonlyMap<string, FileAsset>;
}

interface Artifact {
  readonly id: string;
  readonly type: string;
  readonly properties: Values;
  readonly dependencies: readonly string[];
}

/** Throws naming the file or artifact that is missing or of an unknown kind. */
export function readAssembly(dir: string): Assembly {
  const manifest = readJson(join(dir, 'manifest.json'));
  const artifacts = new Map(
    Object.entries(valuesOf(manifest.artifacts)).map(([id, value]) => [id, readArtifact(id, valuesOf(value))]),
  );
  const stacks: Stack[] = [];
  const assets = new Map<string, FileAsset>();
  for (const artifact of inOrder(artifacts)) {
    if (artifact.type === 'aws:cloudformation:stack') stacks.push(readStack(dir, artifact));
    else if (artifact.type === 'cdk:asset-manifest') {
      for (const [key, asset] of readAssets(dir, String(artifact.properties.file))) assets.set(key, asset);
    } else if (artifact.type === 'cdk:cloud-assembly') {
      throw new Error(`${dir}: the nested assembly ${artifact.id} is not supported; define stacks in the app itself`);
    }
  }
  return { stacks, assets };
}

function readArtifact(id: string, value: Values): Artifact {
  const dependencies = Array.isArray(value.dependencies) ? value.dependencies.map(String) : [];
  return { id, type: String(value.type), properties: valuesOf(value.properties ?? {}), dependencies };
}

/** Dependencies first; else the order of the manifest, which CDK writes by name. */
function inOrder(artifacts: ReadonlyMap<string, Artifact>): readonly Artifact[] {
  const ordered = new Set<Artifact>();
  const visit = (artifact: Artifact, above: readonly string[]): void => {
    if (above.includes(artifact.id))
      throw new Error(`artifacts depend on each other: ${[...above, artifact.id].join(' -> ')}`);
    for (const id of artifact.dependencies) {
      const needed = artifacts.get(id);
      if (needed && !ordered.has(needed)) visit(needed, [...above, artifact.id]);
    }
    ordered.add(artifact);
  };
  for (const artifact of artifacts.values()) if (!ordered.has(artifact)) visit(artifact, []);
  return [...ordered];
}

function readStack(dir: string, artifact: Artifact): Stack {
  // Both only check, in an account, that it was bootstrapped.
  const { Rules: _rules, ...template } = readJson(join(dir, String(artifact.properties.templateFile)));
  const { BootstrapVersion: _version, ...parameters } = valuesOf(template.Parameters ?? {});
  const name = artifact.properties.stackName ?? artifact.id;
  return { name: String(name), template: { ...template, Parameters: parameters } };
}

function readAssets(dir: string, file: string): [string, FileAsset][] {
  const manifest = readJson(join(dir, file));
  if (Object.keys(valuesOf(manifest.dockerImages ?? {})).length > 0) {
    throw new Error(`${join(dir, file)}: image assets are not supported`);
  }
  return Object.values(valuesOf(manifest.files ?? {})).flatMap((entry) => {
    const { source, destinations } = valuesOf(entry);
    const { path, packaging } = valuesOf(source ?? null);
    if (typeof path !== 'string') throw new Error(`${join(dir, file)}: an asset without a path cannot be used here`);
    const asset: FileAsset = { path: resolve(dir, path), packaging: packaging === 'zip' ? 'zip' : 'file' };
    return Object.values(valuesOf(destinations ?? {})).map((destination): [string, FileAsset] => [
      String(valuesOf(destination).objectKey),
      asset,
    ]);
  });
}

function readJson(path: string): Values {
  return valuesOf(JSON.parse(readFileSync(path, 'utf8')) as Json);
}

function valuesOf(value: Json | undefined): Values {
  if (isValues(value)) return value;
  throw new Error(`an object is expected, not ${JSON.stringify(value)}`);
}
