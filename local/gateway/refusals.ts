/** Refusals in the words of each AWS protocol, so that an SDK client raises what it would raise in AWS. Pure. */
import type { SignatureFailure } from './sigv4.ts';

/** An HTTP answer, ready to be written. */
export interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

type Protocol = 'json10' | 'json11' | 'rest-json' | 'query' | 's3';

/** By signing name. */
const PROTOCOLS: Readonly<Record<string, Protocol>> = {
  dynamodb: 'json10',
  sqs: 'json10',
  timestream: 'json10',
  secretsmanager: 'json11',
  ssm: 'json11',
  'cognito-idp': 'json11',
  sns: 'query',
  sts: 'query',
  s3: 's3',
};

interface Failure {
  readonly code: string;
  readonly status: number;
  readonly message: string;
}

/** Signed by someone known, but no policy allows it. `message` names function, action and resource. */
export function denied(service: string, message: string): Refusal {
  return write(service, { code: DENIED[protocolOf(service)], status: 403, message });
}

/** The code by which each protocol says that no policy allows it. */
const DENIED: Readonly<Record<Protocol, string>> = {
  json10: 'AccessDeniedException',
  json11: 'AccessDeniedException',
  'rest-json': 'AccessDeniedException',
  query: 'AuthorizationError',
  s3: 'AccessDenied',
};

/** Not signed, signed by nobody known, or signed wrongly. */
export function unverified(service: string, code: SignatureFailure, message: string): Refusal {
  return write(service, { code: VERIFICATION[code][protocolOf(service)], status: 403, message });
}

function everywhere(json: string, query: string, s3: string): Readonly<Record<Protocol, string>> {
  return { json10: json, json11: json, 'rest-json': json, query, s3 };
}

const VERIFICATION: Readonly<Record<SignatureFailure, Readonly<Record<Protocol, string>>>> = {
  MissingAuthenticationToken: everywhere(
    'MissingAuthenticationTokenException',
    'MissingAuthenticationToken',
    'AccessDenied',
  ),
  IncompleteSignature: everywhere(
    'IncompleteSignatureException',
    'IncompleteSignature',
    'AuthorizationHeaderMalformed',
  ),
  InvalidClientTokenId: everywhere('UnrecognizedClientException', 'InvalidClientTokenId', 'InvalidAccessKeyId'),
  SignatureDoesNotMatch: everywhere('InvalidSignatureException', 'SignatureDoesNotMatch', 'SignatureDoesNotMatch'),
  RequestExpired: everywhere('InvalidSignatureException', 'RequestExpired', 'RequestTimeTooSkewed'),
};

/** An operation the local cloud does not know. Status 501 is not among those that the SDK tries again. */
export function unsupported(service: string, message: string): Refusal {
  return write(service, { code: 'NotImplemented', status: 501, message });
}

function protocolOf(service: string): Protocol {
  return PROTOCOLS[service] ?? 'rest-json';
}

const WRITERS: Readonly<Record<Protocol, (failure: Failure) => Refusal>> = {
  json10: (failure) => json(failure, '1.0'),
  json11: (failure) => json(failure, '1.1'),
  'rest-json': ({ code, status, message }) => ({
    status,
    headers: { 'content-type': 'application/json', 'x-amzn-errortype': code },
    body: JSON.stringify({ message }),
  }),
  query: ({ code, status, message }) => ({
    status,
    headers: { 'content-type': 'text/xml' },
    body:
      `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error>` +
      '<RequestId>local</RequestId></ErrorResponse>',
  }),
  s3: ({ code, status, message }) => ({
    status,
    headers: { 'content-type': 'application/xml' },
    body:
      '<?xml version="1.0" encoding="UTF-8"?>' +
      `<Error><Code>${code}</Code><Message>${escapeXml(message)}</Message><RequestId>local</RequestId></Error>`,
  }),
};

function write(service: string, failure: Failure): Refusal {
  return WRITERS[protocolOf(service)](failure);
}

/** The JSON protocols answer 400 to whatever is the caller's fault; both spellings of the message are in use. */
function json({ code, status, message }: Failure, version: '1.0' | '1.1'): Refusal {
  return {
    status: status === 403 ? 400 : status,
    headers: { 'content-type': `application/x-amz-json-${version}` },
    body: JSON.stringify({ __type: `com.amazon.coral.service#${code}`, message, Message: message }),
  };
}

function escapeXml(text: string): string {
  return text.replace(/[<>&"']/g, (c) => `&#${c.charCodeAt(0)};`);
}
