/** Reads the messaging provider's account from Secrets Manager, cached; simulated tenants get the simulator's own. */
import { SecretsProvider } from '@aws-lambda-powertools/parameters/secrets';
import * as z from 'zod/mini';
import { AppError } from '../platform/errors.ts';
import { SIMULATED_ACCOUNT } from './twilio.wire.ts';
import { type TwilioAccount, type TwilioAccounts, twilioAccountSchema } from './twilio-account.ts';

/** A rotated token is noticed at once by its refusal, so this only bounds how long a new sender goes unnoticed. */
const MAX_AGE_SECONDS = 300;
/** A stage without Twilio is asked for it with every message: the answer "none" is kept for a while too. */
const MISSING_MS = 60_000;

export function createTwilioAccounts(options: {
  readonly secretId: string;
  /** Where the simulator runs; only the local cloud has one. */
  readonly simulatorUrl?: string | undefined;
  readonly provider?: SecretsProvider;
}): TwilioAccounts {
  const provider = options.provider ?? new SecretsProvider();
  let missingUntil = 0;
  return {
    async accessFor(simulated, { fresh = false } = {}) {
      if (simulated) {
        return options.simulatorUrl ? { account: SIMULATED_ACCOUNT, baseUrl: options.simulatorUrl } : undefined;
      }
      if (!fresh && Date.now() < missingUntil) return undefined;
      const text = await readSecret(provider, options.secretId, fresh);
      if (text === undefined) {
        missingUntil = Date.now() + MISSING_MS;
        return undefined;
      }
      return { account: parseAccount(text) };
    },
  };
}

async function readSecret(provider: SecretsProvider, id: string, fresh: boolean): Promise<string | undefined> {
  try {
    const value = await provider.get(id, { maxAge: MAX_AGE_SECONDS, forceFetch: fresh });
    return typeof value === 'string' ? value : undefined;
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    if (cause instanceof Error && cause.name === 'ResourceNotFoundException') return undefined;
    if (cause instanceof Error && cause.name === 'AccessDeniedException') throw cause;
    throw new AppError('STORE_UNAVAILABLE', 'the secret store did not answer', { cause: error });
  }
}

/** Names what is wrong by its path, never by its value. */
function parseAccount(text: string): TwilioAccount {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new AppError('CONFIG_INVALID', 'the secret of the messaging provider is not JSON');
  }
  const parsed = z.safeParse(twilioAccountSchema, json);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
  throw new AppError('CONFIG_INVALID', 'the secret of the messaging provider is not valid', { context: { issues } });
}
