/** Small means to build the page's elements and to change only what is different. */

type Child = Node | string;

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className = '',
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.append(...children);
  return node;
}

const SVG = 'http://www.w3.org/2000/svg';

export function graphic<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string | number>>,
  ...children: Child[]
): SVGElementTagNameMap[K] {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  node.append(...children);
  return node;
}

/** Text only: names come from the outside, and must stay inert. An empty text hides the element. */
export function setText(node: HTMLElement, text: string): void {
  if (node.textContent !== text) node.textContent = text;
  node.hidden = text === '';
}

export function setClass(node: Element, name: string): void {
  if (node.getAttribute('class') !== name) node.setAttribute('class', name);
}

export function byId(id: string): HTMLElement {
  const node = document.getElementById(id);
  if (!node) throw new Error(`the page has no element "${id}"`);
  return node;
}

export interface Row<T> {
  readonly node: HTMLElement;
  update(item: T): void;
  /** Called when the row leaves the page. */
  leave?(): void;
}

/** Keeps one row per key in the order of the items, so that a poll moves nothing that did not change. */
export function createRows<T>(
  list: HTMLElement,
  keyOf: (item: T) => string,
  create: (item: T) => Row<T>,
): (items: readonly T[]) => void {
  const rows = new Map<string, Row<T>>();
  return (items) => {
    const keys = new Set(items.map(keyOf));
    for (const [key, row] of rows) {
      if (keys.has(key)) continue;
      row.leave?.();
      row.node.remove();
      rows.delete(key);
    }
    items.forEach((item, position) => {
      const key = keyOf(item);
      const row = rows.get(key) ?? create(item);
      rows.set(key, row);
      row.update(item);
      const there = list.children[position];
      if (there !== row.node) list.insertBefore(row.node, there ?? null);
    });
  };
}

const SHAPES = {
  critical: 'M5 1h6l4 4v6l-4 4H5l-4-4V5z',
  warning: 'M8 1.5 15.5 14.5H.5z',
  info: 'M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1z',
  good: 'M1.5 8.5 6 13 14.5 3.5 13 2 6 10 3 7z',
  pending: 'M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1zm0 2a5 5 0 1 0 0 10A5 5 0 0 0 8 3z',
  unknown: 'M8 1 15 8 8 15 1 8z',
  down: 'M1 3.5h14L8 14.5z',
  clock: 'M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1zm0 2a5 5 0 1 0 0 10A5 5 0 0 0 8 3zm-.9 1.2h1.6v3.4l2.3 1.4-.8 1.4-3.1-1.9z',
} as const;
export type Shape = keyof typeof SHAPES;

/** A mark told by shape as well as by colour; the words beside it say the same. */
export function mark(shape: Shape): { node: SVGSVGElement; set(shape: Shape): void } {
  const path = graphic('path', {});
  const node = graphic('svg', { viewBox: '0 0 16 16', 'aria-hidden': 'true', focusable: 'false' }, path);
  const set = (wanted: Shape): void => {
    setClass(node, `mark ${wanted}`);
    if (path.getAttribute('d') !== SHAPES[wanted]) path.setAttribute('d', SHAPES[wanted]);
  };
  set(shape);
  return { node, set };
}

/** A word with a mark before it. */
export function chip(): { node: HTMLElement; set(shape: Shape, word: string): void } {
  const symbol = mark('info');
  const word = element('span');
  const node = element('span', 'chip', symbol.node, word);
  return {
    node,
    set(shape, text) {
      symbol.set(shape);
      setClass(node, `chip ${shape}`);
      if (word.textContent !== text) word.textContent = text;
      node.hidden = text === '';
    },
  };
}
