/** Nobody here has a RouterOS: its script is read by its own grammar, and its quoting replayed in ours. */
import { describe, expect, test } from 'vitest';
import { phaseSeconds } from '../../../shared/collect/schedule.ts';
import { type PushScript, pushScript, SECRET_PLACE } from '../../../shared/interfaces/push-script.ts';

const GIVEN: PushScript = {
  ...{ tenant: 'demo', source: 'branch', periodSeconds: 300, keyId: 'ab'.repeat(16) },
  publicUrl: 'https://headroom.example.net',
};
const text = pushScript(GIVEN);

/** Strings (unescaped) and all else of a script, by RouterOS's rules: `\` and a sign or two hex digits, in capitals. */
function lex(script: string): { strings: string[]; code: string } {
  const SIGNS: Record<string, string> = { '"': '"', '\\': '\\', n: '\n', r: '\r', t: '\t', $: '$', '?': '?', _: ' ' };
  const strings: string[] = [];
  let code = '';
  for (let at = 0; at < script.length; at++) {
    if (script[at] !== '"') {
      code += script[at];
      continue;
    }
    let value = '';
    for (at++; script[at] !== '"'; at++) {
      const char = script[at];
      if (char === undefined || char === '\n') throw new Error(`a string does not end: ${value}`);
      if (char !== '\\') {
        value += char;
        continue;
      }
      const hex = /^[0-9A-F]{2}/.exec(script.slice(at + 1, at + 3))?.[0];
      const sign = SIGNS[script[at + 1] ?? ''];
      if (hex === undefined && sign === undefined) throw new Error(`no escape of RouterOS: \\${script[at + 1]}`);
      value += hex === undefined ? sign : String.fromCharCode(Number.parseInt(hex, 16));
      at += hex === undefined ? 1 : 2;
    }
    strings.push(value);
    code += '""';
  }
  return { strings, code };
}

const body = text
  .split('\n')
  .filter((line) => !line.startsWith('#'))
  .join('\n');
const { strings, code } = lex(body);

describe('the script', () => {
  test('is made of strings that end, and of brackets that close in their order', () => {
    const open: string[] = [];
    const pairs: Record<string, string> = { ')': '(', ']': '[', '}': '{' };
    for (const char of code) {
      if ('([{'.includes(char)) open.push(char);
      const opening = pairs[char];
      if (opening !== undefined) expect(open.pop()).toBe(opening);
    }
    expect(open).toEqual([]);
  });

  test('uses no variable that it does not declare, and none named like a property of RouterOS', () => {
    const declared = [...code.matchAll(/:local (\w+)|:foreach (\w+)|:for (\w+)/g)].map((m) => m[1] ?? m[2] ?? m[3]);
    const used = new Set([...code.matchAll(/\$(\w+)|:set (\w+)/g)].map((m) => m[1] ?? m[2]));
    used.delete('1');
    expect([...used].filter((name) => !declared.includes(name))).toEqual([]);
    for (const name of declared)
      expect(['name', 'type', 'comment', 'running', 'disabled', 'interface']).not.toContain(name);
    expect(strings.some((string) => string.includes('$'))).toBe(false);
  });

  test('has the key’s id, one marked place for the secret, and no secret', () => {
    expect(strings).toContain(GIVEN.keyId);
    expect(strings.filter((string) => string === SECRET_PLACE)).toHaveLength(1);
    expect(body.split(SECRET_PLACE)).toHaveLength(2);
    expect(text.match(/[0-9a-f]{64}/)).toBeNull();
  });

  test('checks the certificate, and sends to the one route', () => {
    expect(body).toContain('/tool fetch url="https://headroom.example.net/v1/ingest" http-method=post');
    expect(body).toContain('check-certificate=yes');
    expect(body.match(/\/tool fetch/g)).toHaveLength(1);
  });

  test('replaces what an earlier one left, and runs on the grid of the tenant within half a minute', () => {
    for (const menu of ['script', 'scheduler']) {
      expect(body).toContain(`/system ${menu} remove [find where name="headroom-branch"]`);
      expect(body).toContain(`/system ${menu} add name="headroom-branch"`);
    }
    const [, hours, minutes, seconds] = /start-time=(\d\d):(\d\d):(\d\d) interval=300s/.exec(body) ?? [];
    const start = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
    expect((start - phaseSeconds('demo', 300) + 300) % 300).toBeLessThan(30);
  });

  test('a day’s period starts within the day', () => {
    expect(pushScript({ ...GIVEN, periodSeconds: 86_400 })).toMatch(
      /start-time=([01]\d|2[0-3]):[0-5]\d:[0-5]\d interval=86400s/,
    );
  });
});

describe('the quoting of names', () => {
  const controls = strings.find((string) => string.startsWith('\u0001')) ?? '';

  /** What the loop of the script does, octet by octet, with the strings that stand in it. */
  function quoted(given: string): string {
    expect(body).toContain('[:pick [:tostr $1] 0 200]');
    expect(code).toContain(':if ([:typeof [:find $controls $char]] = "") do={ :set char "" }');
    expect(code).toContain(':if (($char = "") or ($char = "")) do={ :set char ("" . $char) }');
    const octets = [...Buffer.from(given, 'utf8').subarray(0, 200)].map((octet) => String.fromCharCode(octet));
    const safe = octets
      .map((char) => (controls.includes(char) ? ' ' : char))
      .map((char) => ('"\\'.includes(char) ? `\\${char}` : char));
    return Buffer.from(`"${safe.join('')}"`, 'latin1').toString('utf8');
  }

  test('knows all that JSON forbids in a string', () => {
    expect([...controls].map((char) => char.charCodeAt(0))).toEqual([
      ...Array.from({ length: 31 }, (_, i) => i + 1),
      127,
    ]);
    const at = strings.indexOf(controls);
    expect(strings.slice(at, at + 12)).toContain('\\');
    expect(strings.slice(at, at + 12)).toContain('"');
  });

  test.each([
    ['ether1', 'ether1'],
    ['a","inOctets":"0', 'a","inOctets":"0'],
    ['back\\slash\\', 'back\\slash\\'],
    ['tab\tand\nline', 'tab and line'],
    ['<pppoe-anna>', '<pppoe-anna>'],
    ['আপলিঙ্ক', 'আপলিঙ্ক'],
    ['', ''],
    ['x'.repeat(500), 'x'.repeat(200)],
  ])('%j is JSON whatever it holds', (given, wanted) => {
    expect(JSON.parse(quoted(given))).toBe(wanted);
  });
});
