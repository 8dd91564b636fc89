import fc from 'fast-check';
import { expect, test } from 'vitest';
import { redact } from '../../../shared/platform/redact.ts';

const runs = process.env.HEADROOM_LONG ? 20_000 : 400;
const keys = ['passcode', 'accessToken', 'phoneNumber'];
const secret = fc.oneof(
  fc.string({ minLength: 4, maxLength: 24 }),
  fc.string({ minLength: 4, maxLength: 12, unit: 'binary' }),
  fc.stringMatching(/^[0-9]{6,12}$/),
);

/** All the places where a portal may repeat what it was told. */
const planted: readonly ((secret: string, noise: string) => string)[] = [
  (s, n) => n + s + n,
  (s, n) => JSON.stringify({ note: n, message: `you sent ${s}${n}` }),
  (s, n) => JSON.stringify({ wrapped: JSON.stringify({ note: n, echo: s }) }).replaceAll('\\\\', '\\'),
  (s, n) => `https://portal.example/${encodeURIComponent(s.replace(/\p{Cs}/gu, '?'))}?q=${n}`,
  (s, n) => `${n}&${new URLSearchParams({ q: s })}`,
];

test('a planted secret never survives, wherever and however it was planted', () => {
  fc.assert(
    fc.property(fc.array(secret, { minLength: 1, maxLength: 3 }), fc.string(), fc.nat(), (secrets, noise, pick) => {
      const plant = planted[pick % planted.length] ?? ((s) => s);
      const clean = redact(secrets.map((s) => plant(s, noise)).join(noise), { keys, secrets });
      for (const one of secrets) expect(clean.includes(one)).toBe(false);
    }),
    { numRuns: runs },
  );
});

test('the value of a named key never survives, in whole or truncated JSON', () => {
  // Characters that stand nowhere else, so that finding one means that a part of the value got through.
  const value = fc.string({
    minLength: 1,
    maxLength: 12,
    unit: fc.constantFrom('Ω', 'Ψ', '"', '\\', '}', ']', ',', 'Σ'),
  });
  const shape = fc.oneof(value, fc.array(value), fc.dictionary(value, value));
  fc.assert(
    fc.property(
      shape,
      fc.constantFrom(...keys),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.nat(2),
      (v, key, cut, indent) => {
        const text = JSON.stringify({ before: 1, [key]: v, after: { [key]: v } }, null, indent);
        const clean = redact(text.slice(0, Math.floor(text.length * cut)), { keys });
        expect(clean).not.toMatch(/[ΩΨΣ]/);
      },
    ),
    { numRuns: runs },
  );
});

test('redacting twice changes nothing more', () => {
  fc.assert(
    fc.property(fc.array(secret, { maxLength: 3 }), fc.json(), (secrets, json) => {
      const once = redact(json, { keys, secrets });
      expect(redact(once, { keys, secrets })).toBe(once);
    }),
    { numRuns: runs },
  );
});
