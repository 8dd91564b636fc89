/** What every list of the page says about itself: loading, empty and what to do next, failed and since when, cut. */
import type { Loaded } from './contract.ts';
import { byId, element, setText } from './dom.ts';
import { clockTime } from './format.ts';

export interface Section {
  /** Body in which the lists stand. */
  readonly body: HTMLElement;
  show(loaded: Loaded<unknown>, shownItems: number): void;
}

export interface SectionWords {
  /** `bundles` */
  readonly plural: string;
  /** Text when there is nothing. */
  empty(loaded: Loaded<unknown>): string;
}

export function createSection(id: string, words: SectionWords): Section {
  const note = element('p', 'note');
  const failure = element('p', 'failure');
  const body = element('div');
  byId(id).append(failure, note, body);
  return {
    body,
    show(loaded, shownItems) {
      // An empty failure is told at the top of the page: here only how old the list is.
      setText(failure, loaded.failure ? `${loaded.failure} ${standingWords(loaded, words.plural)}` : '');
      setText(note, loaded.failure === '' ? standingWords(loaded, words.plural) : noteWords(loaded, shownItems, words));
    },
  };
}

function standingWords({ readAt }: Loaded<unknown>, plural: string): string {
  return readAt === undefined ? `The ${plural} are not known.` : `Shown is what was read at ${clockTime(readAt)}.`;
}

function noteWords(loaded: Loaded<unknown>, shownItems: number, words: SectionWords): string {
  if (loaded.items === undefined) return loaded.failure === undefined ? `Loading ${words.plural} …` : '';
  if (shownItems === 0) return words.empty(loaded);
  return loaded.cut
    ? `Only the first ${loaded.items.length} ${words.plural} are shown here; the API lists them all.`
    : '';
}
