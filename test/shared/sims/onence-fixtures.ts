/** Synthetic answers of 1NCE, authored after the recorded and documented shapes. */
import { readFileSync } from 'node:fs';

export const ICCID = '8988000000000000001';

export function fixtureText(name: string): string {
  return readFileSync(new URL(`../../fixtures/onence/${name}.json`, import.meta.url), 'utf8');
}

export function fixture(name: string): unknown {
  return JSON.parse(fixtureText(name));
}

export const utc = (text: string): number => Date.parse(`${text.replace(' ', 'T')}Z`);
