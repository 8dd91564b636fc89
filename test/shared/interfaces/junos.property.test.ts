/** Hostile answers: whatever XML a router sends, only our own error is thrown, and no good interface goes with a bad one. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countInterfaces, fromWireJunos } from '../../../shared/interfaces/junos.convert.ts';
import { ELEMENTS, LISTS } from '../../../shared/interfaces/junos.wire.ts';
import { acceptedReply } from '../../../shared/interfaces/netconf-reply.ts';
import { encoded } from '../../../shared/interfaces/xml.ts';
import { AppError } from '../../../shared/platform/errors.ts';
import { replyOf } from './junos-router.ts';

const ROUTER = { id: 'edge1', name: 'Edge 1', simulated: false, configuredSpeed: () => undefined };
const NOW = Date.UTC(2026, 10, 20);
const UINT64_END = 2n ** 64n;

const names = [...ELEMENTS.reply, ...ELEMENTS.interfaces, ...ELEMENTS.uptime, ...LISTS.reply, ...LISTS.interfaces];
const word = fc.oneof(
  fc.constantFrom(
    'up',
    'down',
    '0',
    '9'.repeat(20),
    '18446744073709551616',
    '1',
    'ge-0/0/0',
    'ge-0/0/0#1',
    'Never',
    '10Gbps',
  ),
  fc.string().map((text) => encoded(text.replace(/[^\t\n\r -\uD7FF]/g, ''))),
);
const { element } = fc.letrec<{ element: string; content: string }>((tie) => ({
  element: fc
    .tuple(fc.constantFrom(...names), fc.constantFrom('', ' junos:seconds="5"', ' seconds="-1"'), tie('content'))
    .map(([name, attribute, content]) => `<${name}${attribute}>${content}</${name}>`),
  content: fc.oneof(
    { maxDepth: 4 },
    word,
    fc.array(tie('element'), { maxLength: 5 }).map((all) => all.join('')),
  ),
}));
const port = (inside: string) => `<physical-interface><name>ge-9/9/9</name>${inside}</physical-interface>`;
const elements = fc.array(element, { maxLength: 8 }).map((all) => all.join(''));

function convert(interfaces: string, uptime: string) {
  const wrap = (what: string, content: string) => `<rpc-reply><${what}>${content}</${what}></rpc-reply>`;
  const list = replyOf('interfaces', wrap('interface-information', interfaces));
  countInterfaces(list);
  return fromWireJunos(
    {
      interfaces: { value: list, receivedAt: NOW },
      uptime: { value: replyOf('uptime', wrap('system-uptime-information', uptime)), receivedAt: NOW },
    },
    ROUTER,
  );
}

test('no answer throws, no entity stands twice, every reading is an entity’s, every value fits 64 bits', () => {
  fc.assert(
    fc.property(elements, elements, elements, (some, inside, uptime) => {
      const { entities, readings } = convert(some + port(inside), uptime);
      const ids = entities.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      expect(new Set(readings.map((reading) => reading.entity)).size).toBe(readings.length);
      for (const { entity, values, lives } of readings) {
        expect(ids).toContain(entity);
        for (const value of Object.values(values)) expect(value >= 0n && value < UINT64_END).toBe(true);
        for (const life of Object.values(lives ?? {})) expect(Number.isSafeInteger(life.bootAt)).toBe(true);
      }
    }),
    { numRuns: 60 },
  );
});

test('a good port stays as it is beside any other', () => {
  const good =
    '<physical-interface><name>xe-7/7/7</name><oper-status>up</oper-status><traffic-statistics><input-bytes>7</input-bytes><output-bytes>8</output-bytes></traffic-statistics></physical-interface>';
  fc.assert(
    fc.property(elements, (some) => {
      const { readings } = convert(good + some, '');
      expect(readings.find(({ entity }) => entity === 'edge1/xe-7/7/7')?.values).toEqual({
        ifHCInOctets: 7n,
        ifHCOutOctets: 8n,
        ifOperStatus: 1n,
      });
    }),
  );
});

test('any text is a reply, or our own error', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), elements), (text) => {
      try {
        acceptedReply({ 'rpc-reply': replyOf('interfaces', text) }, '1');
      } catch (error) {
        expect(error).toBeInstanceOf(AppError);
      }
    }),
  );
});
