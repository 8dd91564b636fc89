/** The environment of worker threads and of the operator's programs. */
import type { FunctionModel } from '../model/types.ts';

/** Complete on purpose: a worker inherits nothing of the shell that started the cloud. */
export function workerEnvironment(
  options: { readonly region: string; readonly environment: Readonly<Record<string, string>> },
  fn: FunctionModel,
  urls: { gatewayUrl: string; publicUrl: string },
  credentials: { accessKeyId: string; secretAccessKey: string },
): Record<string, string> {
  // The distribution's name resolves to this machine's host, which speaks no TLS.
  const httpsName = urls.publicUrl.replace(/^http:/, 'https:');
  const own = Object.entries(fn.environment).map(([name, value]) => [
    name,
    value.replaceAll(httpsName, urls.publicUrl),
  ]);
  return {
    ...sdkEnvironment(urls.gatewayUrl, options.region, credentials),
    TZ: 'UTC',
    NODE_ENV: 'production',
    AWS_LAMBDA_FUNCTION_NAME: fn.name,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(fn.memoryMb),
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_LOG_GROUP_NAME: fn.logGroup,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    SIMULATOR_KEYS_URL: `${urls.publicUrl}/_local/jwks`,
    ...options.environment,
    ...Object.fromEntries(own),
  };
}

/** What an SDK client needs to reach this cloud and nothing else. */
export function sdkEnvironment(
  endpoint: string,
  region: string,
  credentials: { accessKeyId: string; secretAccessKey: string },
): Record<string, string> {
  return {
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_ENDPOINT_URL: endpoint,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  };
}
