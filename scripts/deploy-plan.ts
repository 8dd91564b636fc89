/** What `npm run deploy`, `diff` and `destroy` are going to do, and what their checks found, in sentences. Pure. */
import { STAGES, type Stage } from '../lib/stages.ts';

export type Command = 'deploy' | 'diff' | 'destroy';
const COMMANDS: readonly Command[] = ['deploy', 'diff', 'destroy'];

export interface Request {
  readonly command: Command;
  readonly stage: Stage;
  /** Nobody is there to say yes: a pipeline, whose own approval stands before it. */
  readonly unattended: boolean;
}

/** Why nothing is done, in a sentence that says how to mend it. */
export interface Refusal {
  readonly refused: string;
}

export function isRefusal(value: object): value is Refusal {
  return 'refused' in value;
}

/** `deploy dev [--yes]`, as it comes after `npm run`. */
export function readRequest(words: readonly string[]): Request | Refusal {
  const flags = words.filter((word) => word.startsWith('-'));
  const [command, name, ...more] = words.filter((word) => !word.startsWith('-'));
  const known = COMMANDS.find((one) => one === command);
  if (!known) return { refused: `say what to do: ${COMMANDS.map((one) => `npm run ${one} -- STAGE`).join(', ')}` };
  const unknown = [...more, ...flags.filter((flag) => flag !== '--yes')];
  if (unknown.length > 0)
    return { refused: `"${unknown.join(' ')}" is not understood: npm run ${known} -- STAGE [--yes]` };
  const stage = STAGES.find((one) => one.name === name);
  const others = STAGES.filter((one) => one.name !== 'local').map((one) => one.name);
  if (!stage)
    return { refused: `name a stage of lib/stages.ts (${others.join(', ')}), such as: npm run ${known} -- dev` };
  if (stage.name === 'local') return { refused: 'the stage local runs on this machine, by: npm start' };
  if (known === 'destroy' && stage.protectData) {
    return {
      refused: `the stage ${stage.name} protects its data (protectData in lib/stages.ts): it is not destroyed from here; docs/deploy.md tells how it is taken down`,
    };
  }
  return { command: known, stage, unattended: flags.includes('--yes') };
}

/** Arguments of CDK's own command. Checks of the template stand before a change, not before a removal. */
export function cdkArguments(request: Request, outputsFile: string): readonly string[] {
  const context = ['--all', '-c', `stage=${request.stage.name}`];
  switch (request.command) {
    case 'diff':
      return ['diff', ...context, '-c', 'nag=true'];
    case 'destroy':
      // It was asked for by name before the page's bucket was emptied.
      return ['destroy', ...context, '--force'];
    case 'deploy':
      return [
        'deploy',
        ...context,
        ...['-c', 'nag=true'],
        ...['--require-approval', request.unattended ? 'never' : 'broadening'],
        ...['--outputs-file', outputsFile],
      ];
  }
}

export function confirmationOf(stage: Stage): string {
  return `everything of the stage ${stage.name} in ${stage.region} will be deleted, its readings too. Type its name to go on: `;
}

/** What a call of AWS gave: its value, or the name and message of its error. */
export type Answer =
  | { readonly value: string }
  | { readonly error: { readonly name: string; readonly message: string } };

const OLDEST_NODE = [22, 18] as const;

export function nodeProblem(version: string): string | undefined {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return undefined;
  return `this is Node ${version}: run "npm ci" and start with "npm run", which brings its own Node 24`;
}

export const BOOTSTRAP_PARAMETER = '/cdk-bootstrap/hnb659fds/version';
/** The first bootstrap that holds what today's CDK relies on. */
const BOOTSTRAP_VERSION = 6;

const NO_CREDENTIALS = /^(CredentialsProviderError|CredentialsError|TokenProviderError)$/;
const BAD_CREDENTIALS =
  /^(ExpiredToken(Exception)?|UnrecognizedClientException|InvalidClientTokenId|InvalidSignatureException|SignatureDoesNotMatch)$/;

/** The first call of all: it also tells whether the credentials are good. */
export function bootstrapProblem(answer: Answer, stage: Stage): string | undefined {
  if ('error' in answer) {
    const refused = credentialProblem(answer.error);
    if (refused) return refused;
    if (answer.error.name !== 'ParameterNotFound') return unreachable(answer.error, stage);
    return `the account is not prepared for CDK in ${stage.region}: run once "npx cdk bootstrap aws://ACCOUNT/${stage.region}" with its twelve digits`;
  }
  if (Number(answer.value) >= BOOTSTRAP_VERSION) return undefined;
  return `the account was prepared for CDK long ago (version ${answer.value}): run "npx cdk bootstrap aws://ACCOUNT/${stage.region}" again`;
}

function credentialProblem(error: { name: string; message: string }): string | undefined {
  if (NO_CREDENTIALS.test(error.name)) {
    return 'no AWS credentials were found: sign in ("aws sso login") and name the profile (AWS_PROFILE=…); docs/deploy.md begins with it';
  }
  if (BAD_CREDENTIALS.test(error.name)) return `AWS does not take the credentials (${error.name}): sign in again`;
  return undefined;
}

function unreachable(error: { name: string; message: string }, stage: Stage): string {
  if (/^AccessDenied/.test(error.name)) {
    return `these credentials may not look at ${stage.region}: ${error.message}`;
  }
  return `AWS did not answer in ${stage.region} (${error.name}: ${error.message})`;
}

/** CloudFormation reads the address while it deploys, and fails late and darkly without it. */
export function emailProblem(answer: Answer, stage: Stage): string | undefined {
  const name = stage.alarmEmailParameter;
  if ('value' in answer) {
    return answer.value.includes('@') ? undefined : `the parameter ${name} holds no e-mail address: "${answer.value}"`;
  }
  if (answer.error.name !== 'ParameterNotFound') return unreachable(answer.error, stage);
  return `the stage ${stage.name} sends alarms to the address in the parameter ${name}, which does not exist: aws ssm put-parameter --region ${stage.region} --type String --name ${name} --value you@example.com`;
}

/** Accounts that had no Timestream for LiveAnalytics before June 2025 are refused for ever. */
export function timestreamProblem(answer: Answer, stage: Stage): string | undefined {
  if ('value' in answer) return undefined;
  const { name, message } = answer.error;
  if (/^AccessDenied/.test(name) && /not authorized to perform/i.test(message)) {
    return `these credentials may not use Timestream: allow it, or set "timestream: false" for ${stage.name} in lib/stages.ts (${message})`;
  }
  if (/^AccessDenied/.test(name)) {
    return `this account may not create Timestream for LiveAnalytics, which takes no new customers: set "timestream: false" for ${stage.name} in lib/stages.ts; nothing else changes (${message})`;
  }
  return `Timestream did not answer in ${stage.region} (${name}: ${message}): where the region has none, set "timestream: false" for ${stage.name} in lib/stages.ts`;
}

/** What a first deploy leaves to a person. */
export function nextSteps(stage: Stage, site: Site): readonly string[] {
  const on = `--region ${stage.region}`;
  return [
    `The page is at ${site.publicUrl}. What may be left to do (docs/deploy.md has each in full):`,
    `  messages   put the Twilio account into the secret headroom-${stage.name}/twilio`,
    `  tenant     npm run tenant -- add NAME --zone Africa/Nairobi --stage ${stage.name}`,
    `  user       aws cognito-idp admin-create-user ${on} --user-pool-id ${site.userPoolId} --username you@example.com`,
    `  member     npm run tenant -- member NAME --subject SUB --role admin --stage ${stage.name}`,
    `  on call    npm run tenant -- receiver NAME --phone +447700900123 --stage ${stage.name}`,
    ...(stage.alarmEmailParameter ? ['  alarms     confirm the subscription in the mail that AWS has sent'] : []),
  ];
}

export interface Site {
  readonly bucket: string;
  readonly publicUrl: string;
  readonly userPoolId: string;
  readonly clientId: string;
  readonly loginUrl: string;
}

/** Outputs of the stack with the page, from the file that CDK wrote. */
export function siteOf(
  outputs: Readonly<Record<string, Readonly<Record<string, string>>>>,
  stage: Stage,
): Site | Refusal {
  const stack = `headroom-${stage.name}-dashboard`;
  const given = outputs[stack] ?? {};
  const { SiteBucket, PublicUrl, UserPoolId, ClientId, LoginUrl } = given;
  if (SiteBucket && PublicUrl && UserPoolId && ClientId && LoginUrl) {
    return { bucket: SiteBucket, publicUrl: PublicUrl, userPoolId: UserPoolId, clientId: ClientId, loginUrl: LoginUrl };
  }
  const missing = ['SiteBucket', 'PublicUrl', 'UserPoolId', 'ClientId', 'LoginUrl'].filter((name) => !given[name]);
  return { refused: `the stack ${stack} did not say ${missing.join(', ')}: the page was not uploaded` };
}

/** How the page signs in. */
export function pageConfig(site: Site): string {
  return JSON.stringify({ mode: 'cognito', loginUrl: site.loginUrl, clientId: site.clientId });
}

/** The bucket whose name CloudFormation made from its stack's and its own; undefined when there is none. */
export function siteBucketAmong(names: readonly string[], stage: Stage): string | Refusal | undefined {
  const found = names.filter((name) => name.startsWith(`headroom-${stage.name}-dashboard-site`));
  if (found.length > 1)
    return { refused: `more than one bucket could be the page's: ${found.join(', ')}; remove the old one by hand` };
  return found[0];
}
