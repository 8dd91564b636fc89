import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readSettings } from '../../local/settings.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'headroom-settings-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));
const env = (...lines: string[]) => writeFileSync(join(root, '.env'), lines.join('\n'));
const read = (shell: Record<string, string | undefined> = {}) => readSettings(root, shell);

const TAARA = {
  TAARA_PHONE_COUNTRY_CODE: '44',
  TAARA_PHONE_NUMBER: '7700900001',
  TAARA_PASSCODE: 'x',
  TAARA_PARTNER_ID: '1',
  TAARA_HOTSPOT_ID: '2',
};
const TWILIO = {
  TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
  TWILIO_AUTH_TOKEN: 'x',
  TWILIO_WHATSAPP_FROM: '+447700900000',
  ONCALL_PHONE: '+447700900001',
};

test('nothing is needed', () => {
  expect(read()).toMatchObject({
    port: 7070,
    dataFolder: join(root, '.headroom'),
    zone: 'Africa/Nairobi',
    taara: undefined,
    onence: undefined,
    twilio: undefined,
  });
});

test('the real 1NCE needs both of its settings', () => {
  expect(read({ ONENCE_USERNAME: 'a', ONENCE_PASSWORD: 'b' }).onence).toEqual({
    ONENCE_USERNAME: 'a',
    ONENCE_PASSWORD: 'b',
  });
  expect(() => read({ ONENCE_USERNAME: 'a' })).toThrow('the real 1NCE needs ONENCE_PASSWORD too');
});

describe('where a value comes from', () => {
  test('the shell wins over .env, and an empty value counts as absent', () => {
    env('PORT=7081', 'TENANT_ZONE=Asia/Dhaka', 'HEADROOM_DATA=');
    expect(read({ PORT: '7082', TENANT_ZONE: '' })).toMatchObject({ port: 7082, zone: 'Asia/Dhaka' });
    expect(read()).toMatchObject({ port: 7081, dataFolder: join(root, '.headroom') });
  });

  test('a relative data folder counts from the repository, wherever the shell stands', () => {
    env('HEADROOM_DATA=kept/here');
    expect(read().dataFolder).toBe(join(root, 'kept/here'));
    expect(read({ HEADROOM_DATA: '/elsewhere' }).dataFolder).toBe('/elsewhere');
  });

  test('comments and quotes of .env are understood', () => {
    env('# a comment', 'TENANT_ZONE="Asia/Dhaka" # another', "PORT='7083'");
    expect(read()).toMatchObject({ port: 7083, zone: 'Asia/Dhaka' });
  });
});

describe('the real services', () => {
  test('come with all of their settings', () => {
    env(...Object.entries({ ...TAARA, ...TWILIO }).map(([name, value]) => `${name}=${value}`));
    const settings = read({ TAARA_ALLOCATION_GB: '1000.5' });
    expect(settings.taara).toEqual(TAARA);
    expect(settings.taaraAllocationGb).toBe(1000.5);
    expect(settings.twilio).toMatchObject({ ONCALL_PHONE: '+447700900001', whatsappFrom: '+447700900000' });
  });

  test('with a part of them are refused, naming what is missing', () => {
    expect(() => read({ TAARA_PHONE_NUMBER: '7700900001', TAARA_PASSCODE: 'x' })).toThrow(
      /the real Taara needs TAARA_PHONE_COUNTRY_CODE, TAARA_PARTNER_ID, TAARA_HOTSPOT_ID too/,
    );
    expect(() => read({ TWILIO_AUTH_TOKEN: 'x' })).toThrow(/the real Twilio needs TWILIO_ACCOUNT_SID/);
  });
});

describe('a wrong value is one sentence', () => {
  test.each([
    ['PORT', '0', 'PORT must be a port number, 1 to 65535'],
    ['PORT', '65536', 'PORT must be a port number, 1 to 65535'],
    ['PORT', 'seven', 'PORT must be a port number, 1 to 65535'],
    ['PORT', '-1', 'PORT must be a port number, 1 to 65535'],
    ['TENANT_ZONE', 'Nairobi', 'TENANT_ZONE must be an IANA zone such as Africa/Nairobi, not "Nairobi"'],
    ['TENANT_ZONE', '+03:00', 'TENANT_ZONE must be an IANA zone'],
    ['TAARA_ALLOCATION_GB', '1TB', 'TAARA_ALLOCATION_GB must be a number of gigabytes'],
    ['TWILIO_SMS_FROM', '07700900000', 'TWILIO_SMS_FROM must be a number such as'],
    ['TWILIO_CONTENT_SIDS', 'alert=HX1', 'TWILIO_CONTENT_SIDS must be name=HX'],
  ])('%s=%s', (name, value, sentence) => {
    expect(() => read({ [name]: value })).toThrow(sentence);
  });

  test.each([
    ['TAARA_PHONE_COUNTRY_CODE', '+44', { ...TAARA }],
    ['TAARA_PHONE_NUMBER', '077 009', { ...TAARA }],
    ['TWILIO_ACCOUNT_SID', 'AC123', { ...TWILIO }],
    ['ONCALL_PHONE', '447700900001', { ...TWILIO }],
  ])('%s=%s in a full group', (name, value, group) => {
    expect(() => read({ ...group, [name]: value })).toThrow(`${name} must be`);
  });

  test('all of them come at once, and none shows a secret', () => {
    const shell = {
      ...TWILIO,
      TWILIO_AUTH_TOKEN: 'planted-token',
      TWILIO_ACCOUNT_SID: 'planted-sid',
      PORT: 'x',
      TENANT_ZONE: 'x',
    };
    const message = (() => {
      try {
        return String(read(shell));
      } catch (error) {
        return (error as Error).message;
      }
    })();
    expect(message).toMatch(/^the settings \(shell or \.env\) cannot be used: .*TWILIO_ACCOUNT_SID.*PORT.*TENANT_ZONE/);
    expect(message).not.toContain('planted');
  });
});
