/** Secrets Manager for tests: secrets in memory, over real HTTP. */
import { type JsonAnswer, refusal, startJsonServer } from './json-server.ts';

export async function startSecretsServer() {
  const secrets = new Map<string, string>();
  const tags = new Map<string, unknown>();
  const faults: { next?: JsonAnswer } = {};
  const faulty = (answer: () => JsonAnswer): JsonAnswer => {
    const { next } = faults;
    delete faults.next;
    return next ?? answer();
  };
  const server = await startJsonServer({
    GetSecretValue: ({ SecretId }) =>
      faulty(() => {
        const text = secrets.get(String(SecretId));
        return text === undefined ? refusal('ResourceNotFoundException') : { body: { SecretString: text } };
      }),
    PutSecretValue: ({ SecretId, SecretString }) => {
      if (!secrets.has(String(SecretId))) return refusal('ResourceNotFoundException');
      secrets.set(String(SecretId), String(SecretString));
      return { body: {} };
    },
    CreateSecret: ({ Name, SecretString, Tags }) => {
      if (secrets.has(String(Name))) return refusal('ResourceExistsException');
      secrets.set(String(Name), String(SecretString));
      tags.set(String(Name), Tags);
      return { body: {} };
    },
  });
  return { ...server, secrets, tags, faults };
}
