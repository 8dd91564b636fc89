/** Routes that a site calls: who it is follows from the request as it came, before anybody reads its body. */
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type * as z from 'zod/mini';
import type { Route } from '../../shared/platform/route.ts';
import type { Endpoint } from './api.ts';

export type SignedRequest = Pick<APIGatewayProxyEventV2, 'headers' | 'body' | 'isBase64Encoded'>;

/** Throws UNAUTHENTICATED or FORBIDDEN. What proves a site, and what is known of it then, only its endpoint knows. */
export interface Sites<S = unknown> {
  identify(event: SignedRequest): Promise<S>;
}

/** Ties a route to its handler, with what `identify` found in the caller's place; `headersOf` sees the answer's very text. */
export function siteEndpoint<S, B extends z.ZodMiniType, R extends z.ZodMiniType>(
  route: Route<z.ZodMiniType, z.ZodMiniType, B, R>,
  answer: (asked: { readonly body: z.infer<B> }, site: S) => Promise<z.input<R>>,
  headersOf?: (text: string, site: S) => Readonly<Record<string, string>>,
): Endpoint {
  return {
    route: route as unknown as Route,
    answer: answer as unknown as Endpoint['answer'],
    ...(headersOf ? { headersOf: headersOf as unknown as Endpoint['headersOf'] & {} } : {}),
  };
}
