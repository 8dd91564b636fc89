/** Routes of a function, made in the function's own stack: the API's stack must not depend on who answers. */
import { type HttpApi, HttpMethod, HttpRoute, HttpRouteKey, type IHttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import type { NodeFunction } from './node-function.ts';

/** Why no authorizer of the API stands before a function: by the function's name, and for all others. */
const OPEN: Readonly<Record<string, string>> = {
  'api-open': 'Health and the description of the API are for everybody and tell nothing about anybody.',
  'api-ingest':
    'A site signs what it sends with its own key, which only the function can check; what is not proved is refused unread.',
  'api-site-work':
    'The agent of a site signs what it asks and answers with its own key, which only the function can check.',
  'notify-status':
    "The provider signs its callbacks; the function refuses what is not signed with the account's token.",
};
const JUDGED_INSIDE =
  'One middleware of the API functions verifies the Cognito access token and reads the membership, so that a disabled user is out at once.';

export function routesTo(scope: Construct, fn: NodeFunction, api: HttpApi): void {
  const { trigger, name } = fn.row;
  if (trigger.on !== 'http') throw new Error(`${name} is not triggered by HTTP`);
  for (const key of trigger.routes) {
    const [method, path] = key.split(' ') as [keyof typeof HttpMethod, string];
    const route = new HttpRoute(scope, `Route ${method} ${path.replaceAll('/', '.')}`, {
      // CDK's own types do not bear exactOptionalPropertyTypes.
      httpApi: api as IHttpApi,
      routeKey: HttpRouteKey.with(path, HttpMethod[method]),
      integration: new HttpLambdaIntegration(`${name}-integration`, fn.function),
    });
    acknowledge(route, { 'AwsSolutions-APIG4': OPEN[name] ?? JUDGED_INSIDE });
  }
}
