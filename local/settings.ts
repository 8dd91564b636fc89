/** Settings of the local cloud from the shell and `.env`: each wrong value is one sentence, all of them at once. */
import * as z from 'zod/mini';
import { undeclarable } from '../shared/platform/address.ts';
import { isZone } from '../shared/samples/zone.ts';
import { dataFolderOf, readEnvFile } from './folder.ts';

const digits = (what: string) => z.string().check(z.regex(/^\d+$/, `must be digits only (${what})`));
const phone = (example: string) => z.string().check(z.regex(/^\+\d{7,15}$/, `must be a number such as ${example}`));
const filled = z.string().check(z.minLength(1, 'must not be empty'));

/** All five or none: with them, tenant `main` reads the real Taara. */
const TAARA = {
  TAARA_PHONE_COUNTRY_CODE: digits('the country code without +, such as 44'),
  TAARA_PHONE_NUMBER: digits('the number without the leading 0'),
  TAARA_PASSCODE: filled,
  TAARA_PARTNER_ID: filled,
  TAARA_HOTSPOT_ID: filled,
} as const;

/** All of them or none: with them, tenant `main` is told through the real Twilio. */
const TWILIO = {
  TWILIO_ACCOUNT_SID: z.string().check(z.regex(/^AC[0-9a-f]{32}$/, 'must be AC and 32 hexadecimal digits')),
  TWILIO_AUTH_TOKEN: filled,
  ONCALL_PHONE: phone('+447700900001'),
} as const;

/** Both or none: client id and secret of an API user, with which tenant `main` reads the real 1NCE. */
const ONENCE = { ONENCE_USERNAME: filled, ONENCE_PASSWORD: filled } as const;

const OPTIONAL = {
  PORT: z.string().check(z.regex(/^\d{1,5}$/, 'must be a port number, 1 to 65535')),
  TAARA_ALLOCATION_GB: z.string().check(z.regex(/^\d+(\.\d+)?$/, 'must be a number of gigabytes, such as 1000')),
  TWILIO_WHATSAPP_FROM: phone('+447700900000'),
  TWILIO_SMS_FROM: phone('+447700900002'),
  TWILIO_SANDBOX: z.enum(['true', 'false'], 'must be true or false'),
  TWILIO_CONTENT_SIDS: z
    .string()
    .check(z.regex(/^\w+=HX[0-9a-f]{32}(,\w+=HX[0-9a-f]{32})*$/, 'must be name=HX…,name=HX…')),
  TENANT_ZONE: filled,
  ROUTER_NETWORKS: filled,
  LOG_LEVEL: z.enum(['DEBUG', 'INFO', 'WARN', 'ERROR', 'CRITICAL'], 'must be DEBUG, INFO, WARN, ERROR or CRITICAL'),
} as const;

export interface Settings {
  readonly port: number;
  readonly dataFolder: string;
  readonly zone: string;
  readonly taara: Readonly<Record<keyof typeof TAARA, string>> | undefined;
  readonly taaraAllocationGb: number | undefined;
  readonly onence: Readonly<Record<keyof typeof ONENCE, string>> | undefined;
  readonly twilio: TwilioSettings | undefined;
  /** Private ranges in which tenants' routers may be, CIDR. */
  readonly routerNetworks: readonly string[];
  /** Of all functions; what the stage says unless told. */
  readonly logLevel: string | undefined;
}

/** At least one sender is there. */
export interface TwilioSettings extends Readonly<Record<keyof typeof TWILIO, string>> {
  readonly whatsappFrom?: string;
  readonly smsFrom?: string;
  readonly contentSids?: string;
  readonly sandbox: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The shell wins over `.env`; an empty value counts as absent. */
export function readSettings(root: string, shell: Environment): Settings {
  const written = readEnvFile(root);
  const given = (name: string): string | undefined => shell[name] || written[name] || undefined;
  const problems: string[] = [];
  const one = (name: string, schema: z.ZodMiniType): string | undefined => {
    const value = given(name);
    if (value === undefined) return undefined;
    const parsed = schema.safeParse(value);
    if (!parsed.success) problems.push(`${name} ${parsed.error.issues[0]?.message ?? 'is wrong'}`);
    return value;
  };
  const group = <K extends string>(
    names: Readonly<Record<K, z.ZodMiniType>>,
    what: string,
  ): Record<K, string> | undefined => {
    const values = (Object.keys(names) as K[]).map((name) => [name, one(name, names[name])] as const);
    const missing = values.filter(([, value]) => value === undefined).map(([name]) => name);
    if (missing.length === values.length) return undefined;
    if (missing.length > 0) problems.push(`${what} needs ${missing.join(', ')} too (or none of its settings)`);
    return Object.fromEntries(values) as Record<K, string>;
  };
  const taara = group(TAARA, 'the real Taara');
  const onence = group(ONENCE, 'the real 1NCE');
  const twilio = group(TWILIO, 'the real Twilio');
  const port = Number(one('PORT', OPTIONAL.PORT) ?? 7070);
  if (port < 1 || port > 65_535) problems.push('PORT must be a port number, 1 to 65535');
  const allocation = one('TAARA_ALLOCATION_GB', OPTIONAL.TAARA_ALLOCATION_GB);
  const whatsappFrom = one('TWILIO_WHATSAPP_FROM', OPTIONAL.TWILIO_WHATSAPP_FROM);
  const smsFrom = one('TWILIO_SMS_FROM', OPTIONAL.TWILIO_SMS_FROM);
  if (twilio && !whatsappFrom && !smsFrom) {
    problems.push('the real Twilio needs a sender: TWILIO_WHATSAPP_FROM, TWILIO_SMS_FROM or both');
  }
  const sandbox = one('TWILIO_SANDBOX', OPTIONAL.TWILIO_SANDBOX) === 'true';
  const routerNetworks = networksOf(one('ROUTER_NETWORKS', OPTIONAL.ROUTER_NETWORKS), problems);
  const logLevel = one('LOG_LEVEL', OPTIONAL.LOG_LEVEL);
  const contentSids = one('TWILIO_CONTENT_SIDS', OPTIONAL.TWILIO_CONTENT_SIDS);
  const zone = one('TENANT_ZONE', OPTIONAL.TENANT_ZONE) ?? 'Africa/Nairobi';
  if (!isZone(zone)) problems.push(`TENANT_ZONE must be an IANA zone such as Africa/Nairobi, not "${zone}"`);
  if (problems.length > 0) throw new Error(`the settings (shell or .env) cannot be used: ${problems.join('; ')}`);
  return {
    port,
    dataFolder: dataFolderOf(root, shell, written),
    zone,
    taara,
    taaraAllocationGb: allocation ? Number(allocation) : undefined,
    onence,
    twilio: twilio && {
      ...twilio,
      sandbox,
      ...(whatsappFrom ? { whatsappFrom } : {}),
      ...(smsFrom ? { smsFrom } : {}),
      ...(contentSids ? { contentSids } : {}),
    },
    routerNetworks,
    logLevel,
  };
}

/** Ranges that a tenant may declare as its own; each other one is a problem. */
function networksOf(text: string | undefined, problems: string[]): string[] {
  const networks = (text ?? '')
    .split(',')
    .map((n) => n.trim())
    .filter((n) => n !== '');
  for (const network of networks) {
    const problem = undeclarable(network);
    if (problem) problems.push(`ROUTER_NETWORKS: ${problem}`);
  }
  return networks;
}
