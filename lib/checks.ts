/** The gate before a deploy: cdk-nag's rules over the whole app, asked for by the context `nag`. */
import { type App, Validations } from 'aws-cdk-lib';

/** `npm start` leaves it out, so it is loaded only when asked for: it takes most of a second. */
export async function addChecks(app: App): Promise<void> {
  if (String(app.node.tryGetContext('nag')) !== 'true') return;
  const { AwsSolutionsChecks } = await import('cdk-nag');
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
}
