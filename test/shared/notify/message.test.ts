import { describe, expect, it } from 'vitest';
import { composeMessage, SMS_LIMIT, TEXT_LIMIT } from '../../../shared/notify/message.ts';
import { renderTemplate, TEMPLATE_LIMIT, TEMPLATES, type TemplateName } from '../../../shared/notify/templates.ts';
import { line, T0 } from './examples.ts';

const context = { zone: 'Africa/Nairobi', tenantName: 'Demo Networks', simulated: false };
const low = line(1, 'firing-critical', { entityName: 'Shop uplink', value: 4.2, threshold: 5 });
const whatsapp = (lines: Parameters<typeof composeMessage>[0], part: Partial<typeof context> = {}) =>
  composeMessage(lines, 'whatsapp', { ...context, ...part });
const sms = (lines: Parameters<typeof composeMessage>[0], part: Partial<typeof context> = {}) =>
  composeMessage(lines, 'sms', { ...context, ...part }).text;

describe('one alert', () => {
  it('says how bad, where, what, since when and what to do, in the local time of the tenant', () => {
    expect(whatsapp([low]).text).toBe(
      'Headroom alert, CRITICAL: Shop uplink - has 4.2 % left, the limit is 5.0 %. ' +
        'It began on Fri 20 Nov 13:00 GMT+3. What to do: Act now. Sent by Headroom for Demo Networks; replies are not read.',
    );
  });

  it('is shorter as SMS', () => {
    expect(sms([low])).toBe('CRITICAL Shop uplink: has 4.2 % left, the limit is 5.0 %, since Fri 13:00. Act now.');
  });

  it('says that it is over, for how long it lasted, and what the value is now', () => {
    const over = line(1, 'resolved', { entityName: 'Shop uplink' });
    expect(whatsapp([over]).text).toBe(
      'Headroom, RESOLVED: the warning alert for Shop uplink is over. Running low: back to normal at 61.0 %. ' +
        'It lasted from Fri 20 Nov 13:00 GMT+3 until Fri 20 Nov 13:10 GMT+3, nothing is left to do. ' +
        'Sent by Headroom for Demo Networks; replies are not read.',
    );
    expect(sms([over])).toBe('RESOLVED Shop uplink: Running low: back to normal at 61.0 %, at Fri 13:10');
  });

  it('gives the reason when it ended by a removed rule', () => {
    const over = line(1, 'resolved', { resolvedReason: 'rule removed' });
    expect(sms([over])).toContain('Running low: rule removed');
  });

  it('calls an unknown value unknown, never 0', () => {
    const { value: _value, ...blind } = low;
    expect(sms([blind])).toContain('has unknown left');
  });

  it('labels what is simulated in every form', () => {
    for (const channel of ['whatsapp', 'sms'] as const) {
      for (const lines of [[low], [low, line(2, 'resolved')]]) {
        expect(composeMessage(lines, channel, { ...context, simulated: true }).text).toContain('[simulated]');
      }
    }
    expect(whatsapp([low], { simulated: true }).template.variables[1]).toBe('[simulated] CRITICAL');
  });

  it('keeps line breaks, runs of spaces and direction marks out, which WhatsApp refuses and attackers like', () => {
    const hostile = line(1, 'firing-warning', { entityName: 'a\nb\t\u202ec     d', message: 'x\r\ny' });
    for (const value of Object.values(whatsapp([hostile]).template.variables)) {
      expect(value).not.toMatch(/[\n\r\t\u202e]| {5}/);
    }
  });

  it.each([
    ['{entity}: {value} {unit} left (limit {threshold} {unit}).', 12e9, 'bytes', '12.0 GB left (limit 5.0 kB)'],
    ['{entity}: {value}{unit} left', 12, '%', '12.0 % left'],
    ['only {value}% left', 12, '%', 'only 12.0% left'],
    ['{entity}: no reading for {value} slots.', 3, undefined, 'no reading for 3 slots'],
    ['{entity}: {value} {unit} in a row', 3, 'intervals', '3 intervals in a row'],
    ['{entity}', 3, '%', 'Running low'],
  ])('the sentence "%s" with %s %s reads "%s"', (message, value, unit, text) => {
    const { unit: _unit, ...bare } = low;
    const told = { ...bare, message, value, threshold: 5_000, ...(unit === undefined ? {} : { unit }) };
    expect(whatsapp([told]).template.variables[3]).toBe(text);
  });

  it('a recovery from silence names no number of slots', () => {
    const { unit: _unit, ...back } = line(1, 'resolved', { value: 3, ruleName: 'No data' });
    expect(sms([back])).toContain('No data: back to normal, at');
  });

  it('does not read a name as a placeholder', () => {
    const odd = line(1, 'firing-warning', { entityName: '{value} $& $1', message: 'about {entity}' });
    expect(whatsapp([odd]).template.variables[3]).toBe('about {value} $& $1');
  });

  it('says what a router said as it is: no placeholder, no line break, and cut before anything else is', () => {
    const message = '{entity}: its plan is not on the router. It says: {detail}';
    const told = { ...low, message, detail: 'no such {unit}\r\n{entity} $& \u202eitem' };
    expect(whatsapp([told]).template.variables[3]).toBe(
      'its plan is not on the router. It says: no such {unit} {entity} $& item',
    );
    const long = { ...low, message, detail: 'x'.repeat(2000) };
    expect(whatsapp([long]).text.length).toBeLessThanOrEqual(TEMPLATE_LIMIT);
    expect(whatsapp([long]).text).toContain('its plan is not on the router');
    expect(sms([long]).length).toBeLessThanOrEqual(SMS_LIMIT);
    expect(sms([{ ...low, message }])).toContain('It says: no more is known');
  });
});

describe('several alerts', () => {
  const many = Array.from({ length: 8 }, (_, i) =>
    line(i, i === 7 ? 'resolved' : 'firing-warning', {
      entityName: `Reseller ${i} with a rather long name at the northern ring, floor ${i}`,
      message:
        '{entity} uses {value} {unit} of what its contract allows, which is more than {threshold} {unit} for a while',
    }),
  );

  it('are counted in front and listed one per row', () => {
    expect(sms([low, line(2, 'resolved')])).toBe(
      [
        '1 alert, 1 resolved',
        'CRITICAL Shop uplink: has 4.2 % left, the limit is 5.0 %, since Fri 13:00',
        'RESOLVED Core 1, port 2: Running low: back to normal at 61.0 %, at Fri 13:10',
      ].join('\n'),
    );
  });

  it.each(['whatsapp', 'sms'] as const)('are all named and fit the limits of %s', (channel) => {
    const { text, template } = composeMessage(many, channel, { ...context, simulated: true });
    for (let i = 0; i < many.length; i++) expect(text).toMatch(new RegExp(`Re.*${i}: `));
    expect(text.length).toBeLessThanOrEqual(channel === 'sms' ? SMS_LIMIT : TEXT_LIMIT);
    expect(renderTemplate(template.name, template.variables).length).toBeLessThanOrEqual(TEMPLATE_LIMIT);
    expect(template.variables[2]).not.toContain('\n');
  });

  it('fit even when names and sentences have no end', () => {
    const endless = many.map((l) => ({ ...l, entityName: '🦄'.repeat(400), message: 'x'.repeat(5_000) }));
    for (const lines of [endless, endless.slice(0, 1)]) {
      const { text, template } = whatsapp(lines, { tenantName: 'T'.repeat(500) });
      expect(text.length).toBeLessThanOrEqual(TEXT_LIMIT);
      expect(renderTemplate(template.name, template.variables).length).toBeLessThanOrEqual(TEMPLATE_LIMIT);
      expect(sms(lines).length).toBeLessThanOrEqual(SMS_LIMIT);
      // Half of a character would travel as U+FFFD.
      expect(new TextDecoder().decode(new TextEncoder().encode(text))).toBe(text);
    }
  });
});

describe('templates keep the rules of WhatsApp', () => {
  it.each(Object.keys(TEMPLATES) as TemplateName[])('%s', (name) => {
    const { body, samples } = TEMPLATES[name];
    const variables = [...body.matchAll(/\{\{(\d+)\}\}/g)].map((match) => match[1]);
    expect(new Set(variables)).toEqual(new Set(Object.keys(samples)));
    expect(body).not.toMatch(/^\{\{|\}\}\W*$|\}\}\s*\{\{/);
    // More words than variables by far, or the approval is refused.
    expect(body.split(/\s+/).length).toBeGreaterThan(2 * variables.length + 1);
    expect(renderTemplate(name, samples)).not.toContain('{{');
  });

  it('leave a missing value visible', () => {
    expect(renderTemplate('alert_digest', { 1: '2 alerts' })).toContain('{{2}}');
  });
});

it('the day is the one on the wall of the tenant', () => {
  const late = line(1, 'firing-warning', { activeAt: Date.parse('2026-11-20T22:30:00Z') });
  expect(whatsapp([late], { zone: 'Asia/Dhaka' }).template.variables[4]).toBe('Sat 21 Nov 04:30 GMT+6');
  expect(whatsapp([line(1, 'firing-warning', { activeAt: T0 })], { zone: 'UTC' }).template.variables[4]).toBe(
    'Fri 20 Nov 10:00 UTC',
  );
});
