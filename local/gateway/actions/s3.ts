/** S3: path style and virtual hosts, buckets and objects. Pure. */
import {
  contextOf,
  type DescribedRequest,
  decode,
  headerOf,
  UnsupportedRequest,
  type WireRequest,
  type World,
} from './wire.ts';

type Row = readonly [operation: string, ...actions: readonly string[]];

/** `<method> <sub-resource>` of an object. */
const OBJECT: Readonly<Record<string, Row>> = {
  'GET ': ['GetObject', 'GetObject'],
  'HEAD ': ['HeadObject', 'GetObject'],
  'PUT ': ['PutObject', 'PutObject'],
  'DELETE ': ['DeleteObject', 'DeleteObject'],
  'GET acl': ['GetObjectAcl', 'GetObjectAcl'],
  'PUT acl': ['PutObjectAcl', 'PutObjectAcl'],
  'GET tagging': ['GetObjectTagging', 'GetObjectTagging'],
  'PUT tagging': ['PutObjectTagging', 'PutObjectTagging'],
  'DELETE tagging': ['DeleteObjectTagging', 'DeleteObjectTagging'],
  'GET attributes': ['GetObjectAttributes', 'GetObject', 'GetObjectAttributes'],
  'POST uploads': ['CreateMultipartUpload', 'PutObject'],
  'PUT uploadId': ['UploadPart', 'PutObject'],
  'POST uploadId': ['CompleteMultipartUpload', 'PutObject'],
  'GET uploadId': ['ListParts', 'ListMultipartUploadParts'],
  'DELETE uploadId': ['AbortMultipartUpload', 'AbortMultipartUpload'],
};

const BUCKET: Readonly<Record<string, Row>> = {
  'GET ': ['ListObjects', 'ListBucket'],
  'HEAD ': ['HeadBucket', 'ListBucket'],
  'PUT ': ['CreateBucket', 'CreateBucket'],
  'DELETE ': ['DeleteBucket', 'DeleteBucket'],
  'GET versions': ['ListObjectVersions', 'ListBucketVersions'],
  'GET uploads': ['ListMultipartUploads', 'ListBucketMultipartUploads'],
  'GET location': ['GetBucketLocation', 'GetBucketLocation'],
  'GET policy': ['GetBucketPolicy', 'GetBucketPolicy'],
  'PUT policy': ['PutBucketPolicy', 'PutBucketPolicy'],
  'DELETE policy': ['DeleteBucketPolicy', 'DeleteBucketPolicy'],
  'GET versioning': ['GetBucketVersioning', 'GetBucketVersioning'],
  'PUT versioning': ['PutBucketVersioning', 'PutBucketVersioning'],
  'GET cors': ['GetBucketCors', 'GetBucketCORS'],
  'PUT cors': ['PutBucketCors', 'PutBucketCORS'],
  'DELETE cors': ['DeleteBucketCors', 'PutBucketCORS'],
  'GET lifecycle': ['GetBucketLifecycleConfiguration', 'GetLifecycleConfiguration'],
  'PUT lifecycle': ['PutBucketLifecycleConfiguration', 'PutLifecycleConfiguration'],
  'GET encryption': ['GetBucketEncryption', 'GetEncryptionConfiguration'],
  'PUT encryption': ['PutBucketEncryption', 'PutEncryptionConfiguration'],
  'GET tagging': ['GetBucketTagging', 'GetBucketTagging'],
  'PUT tagging': ['PutBucketTagging', 'PutBucketTagging'],
  'GET publicAccessBlock': ['GetPublicAccessBlock', 'GetBucketPublicAccessBlock'],
  'PUT publicAccessBlock': ['PutPublicAccessBlock', 'PutBucketPublicAccessBlock'],
};

/** Parameters that refine a request without turning it into another one; every other is a sub-resource. */
const REFINEMENT =
  /^(x-id|list-type|prefix|delimiter|max-keys|continuation-token|start-after|encoding-type|fetch-owner|marker|versionId|partNumber|key-marker|version-id-marker|upload-id-marker|max-uploads|part-number-marker|max-parts|response-.*|x-amz-.*)$/i;

/** With `versionId` these become the action on that version. */
const VERSIONED: Readonly<Record<string, string>> = {
  GetObject: 'GetObjectVersion',
  DeleteObject: 'DeleteObjectVersion',
  GetObjectAcl: 'GetObjectVersionAcl',
  PutObjectAcl: 'PutObjectVersionAcl',
  GetObjectTagging: 'GetObjectVersionTagging',
  PutObjectTagging: 'PutObjectVersionTagging',
  DeleteObjectTagging: 'DeleteObjectVersionTagging',
  GetObjectAttributes: 'GetObjectVersionAttributes',
};

/** REST with XML; DeleteObjects gives one description per object. */
export function describeS3(request: WireRequest, world: World): DescribedRequest[] {
  const { bucket, key, query } = locate(request);
  if (bucket === undefined) return listBuckets(request);
  const sub = [...query.keys()].filter((name) => !REFINEMENT.test(name));
  if (sub.length > 1) throw unsupported(request, sub.join('&'));
  const what = `${request.method} ${sub[0] ?? ''}`;
  const bucketArn = `arn:${world.partition}:s3:::${bucket}`;
  const context = contextOfRequest(request, query);
  if (key === undefined && what === 'POST delete') return deletedObjects(request, bucketArn, context);
  const table = key === undefined ? BUCKET : OBJECT;
  const row = Object.hasOwn(table, what) ? table[what] : undefined;
  if (row === undefined) throw unsupported(request, sub[0] ?? '');
  const [plainOperation, ...actions] = row;
  const operation = plainOperation === 'ListObjects' && query.has('list-type') ? 'ListObjectsV2' : plainOperation;
  const resource = key === undefined ? bucketArn : `${bucketArn}/${key}`;
  const versioned = query.has('versionId') ? (name: string) => VERSIONED[name] ?? name : (name: string) => name;
  const described = [...actions.map(versioned), ...alsoNeeded(request, operation)].map((name) => ({
    action: `s3:${name}`,
    resource,
    context,
    operation,
  }));
  return [...described, ...copySource(request, world, operation)];
}

function unsupported(request: WireRequest, sub: string): UnsupportedRequest {
  return new UnsupportedRequest(`the local cloud does not know ${request.method} of S3 with the parameter "${sub}"`);
}

/** `bucket.s3.…` as host, else `/bucket/key`. An object's key keeps its slashes, doubled ones too. */
function locate(request: WireRequest): {
  bucket: string | undefined;
  key: string | undefined;
  query: URLSearchParams;
} {
  const [rawPath = '/', rawQuery = ''] = splitOnce(request.url, '?');
  const path = rawPath.replace(/^\//, '');
  const query = new URLSearchParams(rawQuery);
  const virtual = /^(.+)\.s3[.-]/.exec(headerOf(request, 'host') ?? '')?.[1];
  const [bucket, key] = virtual === undefined ? splitOnce(path, '/') : [virtual, path];
  return { bucket: bucket || undefined, key: key ? decode(key) : undefined, query };
}

function splitOnce(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function listBuckets(request: WireRequest): DescribedRequest[] {
  if (request.method !== 'GET') throw unsupported(request, '');
  return [{ action: 's3:ListAllMyBuckets', resource: '*', context: {}, operation: 'ListBuckets' }];
}

/** Setting an ACL or tags while writing needs their own permissions. */
function alsoNeeded(request: WireRequest, operation: string): string[] {
  if (operation !== 'PutObject' && operation !== 'CreateMultipartUpload') return [];
  return [
    ...(headerOf(request, 'x-amz-acl') === undefined ? [] : ['PutObjectAcl']),
    ...(headerOf(request, 'x-amz-tagging') === undefined ? [] : ['PutObjectTagging']),
  ];
}

/** A copy reads its source: `/bucket/key?versionId=…`, encoded. */
function copySource(request: WireRequest, world: World, operation: string): DescribedRequest[] {
  const header = headerOf(request, 'x-amz-copy-source');
  if (header === undefined) return [];
  const [path, query] = splitOnce(header, '?');
  const source = decode(path).replace(/^\//, '');
  const action = query?.startsWith('versionId=') ? 's3:GetObjectVersion' : 's3:GetObject';
  return [{ action, resource: `arn:${world.partition}:s3:::${source}`, context: {}, operation }];
}

function deletedObjects(
  request: WireRequest,
  bucketArn: string,
  context: DescribedRequest['context'],
): DescribedRequest[] {
  const objects = [...request.body.toString('utf8').matchAll(/<Object>(.*?)<\/Object>/gs)].map(
    (found) => found[1] ?? '',
  );
  if (objects.length === 0) throw new UnsupportedRequest('DeleteObjects names no object');
  return objects.map((object) => ({
    action: object.includes('<VersionId>') ? 's3:DeleteObjectVersion' : 's3:DeleteObject',
    resource: `${bucketArn}/${unescapeXml(/<Key>(.*?)<\/Key>/s.exec(object)?.[1] ?? '')}`,
    context,
    operation: 'DeleteObjects',
  }));
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescapeXml(text: string): string {
  return text.replace(
    /&(?:#x([0-9a-fA-F]+)|#(\d+)|(\w+));/g,
    (whole, hex?: string, decimal?: string, name?: string) => {
      if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
      if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
      return ENTITIES[name ?? ''] ?? whole;
    },
  );
}

const CONTEXT_HEADERS = [
  'x-amz-acl',
  'x-amz-copy-source',
  'x-amz-content-sha256',
  'x-amz-server-side-encryption',
  'x-amz-storage-class',
];

function contextOfRequest(request: WireRequest, query: URLSearchParams): DescribedRequest['context'] {
  const given = (name: string) => query.get(name) ?? undefined;
  return contextOf({
    's3:prefix': given('prefix'),
    's3:delimiter': given('delimiter'),
    's3:max-keys': given('max-keys'),
    's3:VersionId': given('versionId'),
    ...Object.fromEntries(CONTEXT_HEADERS.map((name) => [`s3:${name}`, headerOf(request, name)])),
  });
}
