/** Proof that a callback comes from the provider, by the SDK's own check. */
import { validateRequest } from 'twilio/lib/webhooks/webhooks.js';

/** `url` is the public one that was handed out, to the letter; `fields` the form as it arrived. Constant time. */
export function isSignedByTwilio(
  authToken: string,
  signature: string,
  url: string,
  fields: Readonly<Record<string, string | string[]>>,
): boolean {
  return validateRequest(authToken, signature, url, fields);
}
