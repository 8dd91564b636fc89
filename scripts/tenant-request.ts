/** The words behind `npm run tenant --`, read into what is to be written; all that is wrong is said at once. Pure. */
import { parseArgs } from 'node:util';
import * as z from 'zod/mini';
import { STAGES, type Stage } from '../lib/stages.ts';
import { ROLES, type Role } from '../shared/entities/tenant.ts';
import { CHANNELS, type ChannelName, type Receiver, receiverSchema } from '../shared/notify/receiver.ts';
import { undeclarable } from '../shared/platform/address.ts';
import { networkContains, parseNetwork } from '../shared/platform/ip.ts';
import { TENANT_PATTERN } from '../shared/platform/key.ts';
import { isZone } from '../shared/samples/zone.ts';

export type TenantRequest =
  | {
      readonly do: 'add';
      readonly stage: Stage['name'];
      readonly tenant: string;
      readonly name: string;
      readonly zone: string;
      readonly simulated: boolean;
      readonly allowedNetworks: readonly string[];
    }
  | {
      readonly do: 'member';
      readonly stage: Stage['name'];
      readonly tenant: string;
      readonly subject: string;
      readonly role: Role;
      readonly disabled: boolean;
    }
  | { readonly do: 'receiver'; readonly stage: Stage['name']; readonly tenant: string; readonly receiver: Receiver };

export const USAGE = `npm run tenant -- add NAME --zone ZONE --stage STAGE [--name "Full name"] [--allow CIDR]... [--simulated]
npm run tenant -- member TENANT --subject SUB --role ROLE --stage STAGE [--disabled]
npm run tenant -- receiver TENANT --phone +447700900123 --stage STAGE [--id on-call] [--name "On call"]
                  [--channel whatsapp] [--channel sms] [--min-severity warning] [--disabled]`;

const OPTIONS = {
  stage: { type: 'string' },
  zone: { type: 'string' },
  name: { type: 'string' },
  allow: { type: 'string', multiple: true },
  simulated: { type: 'boolean' },
  subject: { type: 'string' },
  role: { type: 'string' },
  disabled: { type: 'boolean' },
  id: { type: 'string' },
  phone: { type: 'string' },
  channel: { type: 'string', multiple: true },
  'min-severity': { type: 'string' },
} as const;

/** Which of them each command takes. */
const TAKES: Readonly<Record<TenantRequest['do'], readonly (keyof typeof OPTIONS)[]>> = {
  add: ['stage', 'zone', 'name', 'allow', 'simulated'],
  member: ['stage', 'subject', 'role', 'disabled'],
  receiver: ['stage', 'id', 'name', 'phone', 'channel', 'min-severity', 'disabled'],
};

type Given = ReturnType<typeof parse>['values'];
const parse = (words: readonly string[]) =>
  parseArgs({ args: [...words], options: OPTIONS, allowPositionals: true, strict: true });

/** The request, or sentences of what is wrong with it. */
export function readTenantRequest(words: readonly string[]): TenantRequest | { readonly problems: readonly string[] } {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(words);
  } catch (error) {
    return { problems: [error instanceof Error ? error.message : String(error), USAGE] };
  }
  const [command, tenant = '', ...more] = parsed.positionals;
  const known = Object.keys(TAKES).find((one): one is TenantRequest['do'] => one === command);
  if (!known) return { problems: [USAGE] };
  const given = parsed.values;
  const stage = STAGES.find((one) => one.name === given.stage);
  const problems = [
    ...more.map((word) => `"${word}" is one word too many: put names with spaces into quotes`),
    ...Object.keys(given)
      .filter((option) => !TAKES[known].some((one) => one === option))
      .map((option) => `--${option} does not belong to "${known}"`),
    ...(TENANT_PATTERN.test(tenant)
      ? []
      : [`"${tenant}" cannot name a tenant: use 2-32 lower case letters, digits and dashes, a letter first`]),
    ...(stage ? [] : [`--stage must be one of ${STAGES.map((one) => one.name).join(', ')}`]),
  ];
  const request = READERS[known](tenant, stage?.name ?? 'local', given, problems);
  return problems.length > 0 ? { problems } : request;
}

type Reader = (tenant: string, stage: Stage['name'], given: Given, problems: string[]) => TenantRequest;

const READERS: Readonly<Record<TenantRequest['do'], Reader>> = {
  add(tenant, stage, given, problems) {
    const zone = given.zone ?? '';
    if (!isZone(zone)) problems.push(`--zone must be an IANA zone such as Africa/Nairobi, not "${zone}"`);
    const allowedNetworks = given.allow ?? [];
    for (const network of allowedNetworks) {
      const problem = stage === 'local' && isLoopback(network) ? undefined : undeclarable(network);
      if (problem) problems.push(`--allow ${network}: ${problem}`);
    }
    const simulated = given.simulated ?? false;
    if (simulated && stage !== 'local') problems.push('--simulated: simulators run in the stage local only');
    return { do: 'add', stage, tenant, name: given.name?.trim() || tenant, zone, simulated, allowedNetworks };
  },
  member(tenant, stage, given, problems) {
    const subject = given.subject?.trim() ?? '';
    if (subject === '') problems.push('--subject is missing: the "sub" of the user in the pool');
    const role = ROLES.find((one) => one === given.role);
    if (!role) problems.push(`--role must be one of ${ROLES.join(', ')}`);
    return { do: 'member', stage, tenant, subject, role: role ?? 'viewer', disabled: given.disabled ?? false };
  },
  receiver(tenant, stage, given, problems) {
    const drafted = {
      id: given.id ?? 'on-call',
      name: given.name ?? 'On call',
      phone: given.phone ?? '',
      channels: (given.channel ?? CHANNELS) as readonly ChannelName[],
      minSeverity: (given['min-severity'] ?? 'warning') as Receiver['minSeverity'],
      language: 'en',
      enabled: !given.disabled,
    } as const;
    const parsed = z.safeParse(receiverSchema, drafted);
    if (!parsed.success) {
      problems.push(...parsed.error.issues.map((issue) => `${OPTION_OF[String(issue.path[0])]}: ${issue.message}`));
    }
    return { do: 'receiver', stage, tenant, receiver: drafted };
  },
};

const OPTION_OF: Readonly<Record<string, string>> = {
  id: '--id',
  name: '--name',
  phone: '--phone',
  channels: '--channel',
  minSeverity: '--min-severity',
};

/** This machine's own network: only the stage that runs on it may look there. */
function isLoopback(text: string): boolean {
  const [loopback, network] = [parseNetwork('127.0.0.0/8'), parseNetwork(text)];
  return (
    loopback !== undefined &&
    network !== undefined &&
    network.prefix >= loopback.prefix &&
    networkContains(loopback, network)
  );
}
