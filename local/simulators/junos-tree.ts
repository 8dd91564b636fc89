/** A Junos configuration as a tree: read from XML, merged into and deleted from as edit-config says, and written again. Pure. */

export interface ConfigNode {
  readonly tag: string;
  /** Of a leaf; empty for a container or a flag. */
  readonly text: string;
  readonly children: readonly ConfigNode[];
  /** Somebody deactivated it: it stands there, and does nothing. */
  readonly isInactive?: boolean;
}

/** What is to be done to a node of the same name. */
interface Edit extends ConfigNode {
  readonly children: readonly Edit[];
  readonly operation?: string;
}

/** What Junos answers to a statement that it cannot follow. */
export class StatementError extends Error {}

const TOKEN = /<(\/?)(?:[\w-]+:)?([\w-]+)([^>]*?)(\/?)>|([^<]+)/g;
const MAX_DEPTH = 40;
/** Containers that go with their last statement. */
const HOLLOW: readonly string[] = ['firewall', 'policer', 'if-exceeding', 'then'];

/** The elements at the top of a text. Throws StatementError for what is not well-formed. */
export function parseTree(xml: string): Edit[] {
  const top: Draft = { tag: '', attributes: '', text: '', children: [] };
  const open = [top];
  for (const [, slash, tag = '', attributes = '', selfClosing, text] of xml.matchAll(TOKEN)) {
    const around = open.at(-1) as Draft;
    if (text !== undefined) around.text += text.trim();
    else if (slash) {
      if (open.pop()?.tag !== tag || open.length === 0) throw new StatementError(`syntax error: </${tag}>`);
    } else {
      const child: Draft = { tag, attributes, text: '', children: [] };
      around.children.push(child);
      if (!selfClosing && open.push(child) > MAX_DEPTH) throw new StatementError('nests too deep');
    }
  }
  if (open.length !== 1) throw new StatementError('syntax error: missing end of an element');
  return top.children.map(editOf);
}

interface Draft {
  readonly tag: string;
  readonly attributes: string;
  text: string;
  readonly children: Draft[];
}

function editOf({ tag, attributes, text, children }: Draft): Edit {
  const operation = /\boperation="(\w+)"/.exec(attributes)?.[1];
  const isInactive = /\binactive="inactive"/.test(attributes);
  return {
    ...{ tag, text: unescaped(text), children: children.map(editOf), isInactive },
    ...(operation === undefined ? {} : { operation }),
  };
}

/** Throws StatementError where something is to be deleted that is not there. */
export function merged(tree: readonly ConfigNode[], edits: readonly Edit[]): ConfigNode[] {
  let out = [...tree];
  for (const edit of edits) {
    const at = out.findIndex((node) => keyOf(node) === keyOf(edit));
    const found = out[at];
    if (edit.operation === 'delete') {
      if (found === undefined) throw new StatementError(`statement not found: ${edit.tag}`);
      out = out.filter((node) => node !== found);
    } else if (found === undefined) {
      out.push(...mergedInto({ tag: edit.tag, text: '', children: [] }, edit));
    } else {
      out = [...out.slice(0, at), ...mergedInto(found, edit), ...out.slice(at + 1)];
    }
  }
  return out;
}

/** What was deactivated stays so when somebody merges into it. */
function mergedInto(node: ConfigNode, edit: Edit): ConfigNode[] {
  const children = merged(node.children, edit.children);
  const isHollow = children.length === 0 && edit.children.length > 0 && HOLLOW.includes(edit.tag);
  const isInactive = node.isInactive === true || edit.isInactive === true;
  return isHollow ? [] : [{ tag: edit.tag, text: edit.text, children, ...(isInactive ? { isInactive } : {}) }];
}

/** Of a list, each entry has a name. */
function keyOf({ tag, children }: ConfigNode): string {
  const name = children.find((child) => child.tag === 'name')?.text;
  return name === undefined ? tag : `${tag} ${name}`;
}

/** The parts that a filter names: an empty element means all of it, one with a name its namesake. */
export function selected(tree: readonly ConfigNode[], filter: readonly ConfigNode[]): ConfigNode[] {
  return tree.flatMap((node) => {
    const wanted = filter.find((one) => one.tag === node.tag && (nameOf(one) ?? nameOf(node)) === nameOf(node));
    if (wanted === undefined) return [];
    if (wanted.children.length === 0) return [node];
    return [{ ...node, children: selected(node.children, wanted.children) }];
  });
}

export function nameOf(node: ConfigNode): string | undefined {
  return childOf(node, 'name')?.text;
}

export function childOf(node: ConfigNode | undefined, tag: string): ConfigNode | undefined {
  return node?.children.find((child) => child.tag === tag);
}

/** The same, where it is in force. */
export function activeChild(node: ConfigNode | undefined, tag: string): ConfigNode | undefined {
  const child = childOf(node, tag);
  return child?.isInactive ? undefined : child;
}

export function treeXml(tree: readonly ConfigNode[]): string {
  return tree
    .map(({ tag, text, children, isInactive }) => {
      const head = isInactive ? `${tag} inactive="inactive"` : tag;
      const content = children.length > 0 ? `\n${treeXml(children)}` : escaped(text);
      return content === '' ? `<${head}/>\n` : `<${head}>${content}</${tag}>\n`;
    })
    .join('');
}

export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function unescaped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
}
