/** The HTTP API of the template: its routes, each with the function that answers, and its throttling. Pure. */
import type { ResolvedResource } from '../template/resolve.ts';
import { ACCOUNT, PARTITION } from './identify.ts';
import { number, object, text } from './read.ts';
import type { HttpApiModel, RouteModel } from './types.ts';

export function buildHttpApi(all: readonly ResolvedResource[]): HttpApiModel | undefined {
  const apis = all.filter((r) => r.type === 'AWS::ApiGatewayV2::Api' && r.properties.ProtocolType === 'HTTP');
  const api = apis[0];
  if (!api) return undefined;
  if (apis.length > 1) throw new Error('more than one HTTP API in the template');
  const stage = all.find((r) => r.type === 'AWS::ApiGatewayV2::Stage' && r.properties.ApiId === api.ref);
  const defaults = object(stage?.properties ?? {}, 'DefaultRouteSettings');
  const region = all.map((r) => r.attributes.Arn?.split(':')[3]).find((x) => x) ?? '';
  return {
    id: api.ref,
    arn: `arn:${PARTITION}:execute-api:${region}:${ACCOUNT}:${api.ref}`,
    routes: all
      .filter((r) => r.type === 'AWS::ApiGatewayV2::Route' && r.properties.ApiId === api.ref)
      .map((r) => buildRoute(r, all)),
    throttle: {
      rate: number(defaults, 'ThrottlingRateLimit', 10_000),
      burst: number(defaults, 'ThrottlingBurstLimit', 5000),
    },
  };
}

function buildRoute(route: ResolvedResource, all: readonly ResolvedResource[]): RouteModel {
  const [method, path] = text(route.properties, 'RouteKey').split(' ');
  if (!method || !path || path.includes('+}'))
    throw new Error(`${route.logicalId}: only "METHOD /path" routes without a greedy {part+} run here`);
  if (route.properties.AuthorizationType && route.properties.AuthorizationType !== 'NONE') {
    throw new Error(`${route.logicalId}: authorizers do not run here`);
  }
  const id = text(route.properties, 'Target').replace(/^integrations\//, '');
  const integration = all.find((r) => r.type === 'AWS::ApiGatewayV2::Integration' && r.ref === id);
  if (!integration) throw new Error(`${route.logicalId}: no integration ${id}`);
  const functionArn = text(integration.properties, 'IntegrationUri');
  if (integration.properties.PayloadFormatVersion !== '2.0')
    throw new Error(`${integration.logicalId}: payload format 2.0 only`);
  return { method, path, functionArn };
}
