/** A small JSON document on disk, replaced whole and atomically, so that a kill -9 leaves the old or the new one. */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';

export interface JsonFile<T> {
  read(): T;
  write(value: T): void;
}

/** Readable by its owner only: it may hold secrets. */
const OWNER_ONLY = 0o600;

export function jsonFile<T>(path: string, empty: T): JsonFile<T> {
  mkdirSync(dirname(path), { recursive: true });
  return {
    read: () => (existsSync(path) ? parsed(path) : empty),
    write: (value) => {
      const next = `${path}.next`;
      const file = openSync(next, 'w', OWNER_ONLY);
      try {
        writeFileSync(file, JSON.stringify(value));
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(next, path);
    },
  };
}

function parsed<T>(path: string): T {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T;
  } catch (error) {
    throw new Error(`${path} cannot be read (${String(error)}): mend it, or begin anew with npm start -- --fresh`);
  }
}
