/** Both directions of a line, a number each: what it carries now, or that nobody knows. */
import { element, setText } from './dom.ts';
import { bitsPerSecond } from './format.ts';

export interface Rates {
  readonly node: HTMLElement;
  /** Bits per second; null = unknown. */
  set(inBitsPerSecond: number | null, outBitsPerSecond: number | null): void;
}

export function createRates(): Rates {
  const [into, out] = [element('dd'), element('dd')];
  const words = (rate: number | null) => (rate === null ? 'unknown' : bitsPerSecond(rate));
  return {
    node: element(
      'dl',
      'rates',
      element('div', '', element('dt', '', 'In'), into),
      element('div', '', element('dt', '', 'Out'), out),
    ),
    set(inBitsPerSecond, outBitsPerSecond) {
      setText(into, words(inBitsPerSecond));
      setText(out, words(outBitsPerSecond));
    },
  };
}
