/** Grants on the archive's bucket: whole objects, read or written, never deleted; and to learn that one is not there. */
import type { NodeFunction } from './node-function.ts';

export function grantArchive(fn: NodeFunction, bucketArn: string, access: 'read' | 'write'): void {
  fn.allowMany(
    ['s3:GetObject', ...(access === 'write' ? ['s3:PutObject'] : [])],
    `${bucketArn}/*`,
    'The bucket holds the archive and nothing else; keys begin with the tenant, whom the function knows only when it runs.',
  );
  // Without it S3 says of what is not there that it is forbidden.
  fn.allow(['s3:ListBucket'], [bucketArn]);
}
