/** What is left of a bundle as a bar, with marks at 20 % and 5 %. */
import { element, graphic } from './dom.ts';
import { percent } from './format.ts';

const WIDTH = 100;
const HEIGHT = 10;
/** Where people usually want to be warned; the alerts themselves come from the tenant's rules. */
const MARKS = [5, 20] as const;

export interface Bar {
  readonly node: HTMLElement;
  /** Undefined = unknown: the bar is hidden rather than empty, which would read as nothing left. */
  update(remainingPercent: number | undefined): void;
}

export function createBar(): Bar {
  const left = graphic('rect', { class: 'left', x: 0, y: 0, width: 0, height: HEIGHT });
  const title = graphic('title', {});
  const svg = graphic(
    'svg',
    { class: 'bar', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', role: 'img', focusable: 'false' },
    title,
    graphic('rect', { class: 'whole', x: 0, y: 0, width: WIDTH, height: HEIGHT }),
    left,
    ...MARKS.map((at) => graphic('path', { class: 'mark-line', d: `M${at} 0V${HEIGHT}` })),
  );
  const scale = element('div', 'scale', ...MARKS.map((at) => element('span', `at-${at}`, percent(at))));
  // The picture's label says it already.
  scale.setAttribute('aria-hidden', 'true');
  const node = element('div', '', svg, scale);
  return {
    node,
    update(value) {
      node.hidden = value === undefined;
      if (value === undefined) return;
      const label = `${percent(value)} left; marks at ${MARKS.map(percent).join(' and ')}`;
      left.setAttribute('width', String(Math.min(WIDTH, Math.max(0, value))));
      svg.setAttribute('aria-label', label);
      if (title.textContent !== label) title.textContent = label;
    },
  };
}
