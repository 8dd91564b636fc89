/** The distribution of the template: which bucket it serves, which paths go to the API, with which headers. Pure. */
import type { ResolvedResource } from '../template/resolve.ts';
import { array, type Fields, object, optionalText, text } from './read.ts';
import type { SiteModel } from './types.ts';

export function buildSite(all: readonly ResolvedResource[]): SiteModel | undefined {
  const distribution = all.find((r) => r.type === 'AWS::CloudFront::Distribution');
  if (!distribution) return undefined;
  const config = object(distribution.properties, 'DistributionConfig');
  const bucket = all.find(
    (r) =>
      r.type === 'AWS::S3::Bucket' &&
      array(config, 'Origins').some((o) => o.DomainName === r.attributes.RegionalDomainName),
  );
  if (!bucket) throw new Error(`${distribution.logicalId}: no bucket of the template is its origin`);
  const policyId = optionalText(object(config, 'DefaultCacheBehavior'), 'ResponseHeadersPolicyId');
  const policy = all.find((r) => r.type === 'AWS::CloudFront::ResponseHeadersPolicy' && r.ref === policyId);
  return {
    bucket: bucket.ref,
    apiPatterns: array(config, 'CacheBehaviors').map((b) => text(b, 'PathPattern')),
    headers: policy ? responseHeaders(object(policy.properties, 'ResponseHeadersPolicyConfig')) : {},
    defaultFile: optionalText(config, 'DefaultRootObject') ?? 'index.html',
  };
}

/** Security headers as CloudFront would send them. */
function responseHeaders(config: Fields): Record<string, string> {
  const headers: Record<string, string> = {};
  const security = object(config, 'SecurityHeadersConfig');
  const csp = object(security, 'ContentSecurityPolicy');
  if (csp.ContentSecurityPolicy) headers['content-security-policy'] = text(csp, 'ContentSecurityPolicy');
  if (security.ContentTypeOptions) headers['x-content-type-options'] = 'nosniff';
  const frame = object(security, 'FrameOptions');
  if (frame.FrameOption) headers['x-frame-options'] = text(frame, 'FrameOption');
  const referrer = object(security, 'ReferrerPolicy');
  if (referrer.ReferrerPolicy) headers['referrer-policy'] = text(referrer, 'ReferrerPolicy');
  for (const item of array(object(config, 'CustomHeadersConfig'), 'Items'))
    headers[text(item, 'Header').toLowerCase()] = text(item, 'Value');
  return headers;
}
