/** The services that speak REST with JSON: Lambda, Scheduler, SES (version 2) and the connections of a WebSocket API. Pure. */
import {
  arnOf,
  contextOf,
  type Describe,
  type DescribedRequest,
  fieldsOf,
  headerOf,
  listOf,
  optionalText,
  readJsonBody,
  splitUrl,
  UnsupportedRequest,
  type WireRequest,
} from './wire.ts';

function unknownRoute(request: WireRequest): UnsupportedRequest {
  const path = request.url.split('?', 1)[0];
  return new UnsupportedRequest(`the local cloud does not know ${request.method} ${path} of ${request.service}`);
}

/** `POST /2015-03-31/functions/{name or ARN}/invocations`; a qualifier is part of the ARN. */
export const describeLambda: Describe = (request, world) => {
  const { segments, query } = splitUrl(request.url);
  const [, functions, name, last, more] = segments;
  if (functions !== 'functions' || name === undefined || more !== undefined) throw unknownRoute(request);
  const operation =
    last === 'invocations' && request.method === 'POST'
      ? 'Invoke'
      : last === undefined && request.method === 'GET'
        ? 'GetFunction'
        : undefined;
  if (operation === undefined) throw unknownRoute(request);
  const arn = name.startsWith('arn:') ? name : arnOf(world, 'lambda', `function:${name}`);
  const qualifier = query.get('Qualifier');
  const action = operation === 'Invoke' ? 'lambda:InvokeFunction' : 'lambda:GetFunction';
  return [{ action, resource: qualifier ? `${arn}:${qualifier}` : arn, context: {}, operation }];
};

const SCHEDULE_OPERATIONS: Readonly<Record<string, string>> = {
  POST: 'CreateSchedule',
  GET: 'GetSchedule',
  PUT: 'UpdateSchedule',
  DELETE: 'DeleteSchedule',
};

/** `/schedules/{name}` with the group in query or body. A target's role must be passable, as in AWS. */
export const describeScheduler: Describe = (request, world) => {
  const { segments, query } = splitUrl(request.url);
  const [root, name, more] = segments;
  if (root === 'schedules' && name === undefined && request.method === 'GET') {
    return [{ action: 'scheduler:ListSchedules', resource: '*', context: {}, operation: 'ListSchedules' }];
  }
  const operation = SCHEDULE_OPERATIONS[request.method];
  if (root !== 'schedules' || name === undefined || more !== undefined || operation === undefined) {
    throw unknownRoute(request);
  }
  const fields = readJsonBody(request);
  const group = optionalText(fields, 'GroupName') ?? query.get('groupName') ?? 'default';
  const resource = arnOf(world, 'scheduler', `schedule/${group}/${name}`);
  const described: DescribedRequest[] = [{ action: `scheduler:${operation}`, resource, context: {}, operation }];
  const role = optionalText(fieldsOf(fields.Target), 'RoleArn');
  if (role !== undefined) {
    const context = { 'iam:PassedToService': 'scheduler.amazonaws.com' };
    described.push({ action: 'iam:PassRole', resource: role, context, operation });
  }
  return described;
};

/** Only sending: `POST /v2/email/outbound-emails`. The identity is the one named, else the domain of the sender. */
export const describeSes: Describe = (request, world) => {
  const path = splitUrl(request.url).segments.join('/');
  if (request.method !== 'POST' || path !== 'v2/email/outbound-emails') throw unknownRoute(request);
  const fields = readJsonBody(request);
  const { address, displayName } = sender(optionalText(fields, 'FromEmailAddress'));
  const named = optionalText(fields, 'FromEmailAddressIdentityArn');
  const domain = address?.split('@')[1];
  if (named === undefined && domain === undefined) throw new UnsupportedRequest('SendEmail without FromEmailAddress');
  const raw = fieldsOf(fields.Content).Raw !== undefined;
  const destination = fieldsOf(fields.Destination);
  const recipients = ['ToAddresses', 'CcAddresses', 'BccAddresses'].flatMap((kind) =>
    listOf(destination[kind]).map(String),
  );
  return [
    {
      action: raw ? 'ses:SendRawEmail' : 'ses:SendEmail',
      resource: named ?? arnOf(world, 'ses', `identity/${domain}`),
      context: {
        ...contextOf({ 'ses:FromAddress': address, 'ses:FromDisplayName': displayName }),
        ...(recipients.length > 0 ? { 'ses:Recipients': recipients } : {}),
      },
      operation: 'SendEmail',
    },
  ];
};

/** `Name <a@b>` or `a@b`. */
function sender(text: string | undefined): { address: string | undefined; displayName: string | undefined } {
  const found = /^\s*"?([^"<]*?)"?\s*<([^>]+)>\s*$/.exec(text ?? '');
  return found ? { address: found[2], displayName: found[1] || undefined } : { address: text, displayName: undefined };
}

const CONNECTION_OPERATIONS: Readonly<Record<string, string>> = {
  POST: 'PostToConnection',
  GET: 'GetConnection',
  DELETE: 'DeleteConnection',
};

/** `/{stage}/@connections/{id}` on the API's own host, or `/{api}/{stage}/@connections/{id}` where one host serves all. */
export const describeExecuteApi: Describe = (request, world) => {
  const { segments } = splitUrl(request.url);
  const at = segments.indexOf('@connections');
  const [id, more] = segments.slice(at + 1);
  const operation = CONNECTION_OPERATIONS[request.method];
  const host = /^([a-z0-9]+)\.execute-api\./.exec(headerOf(request, 'host') ?? '')?.[1];
  const stage = segments[at - 1];
  const api = segments[at - 2] ?? host;
  if (at < 1 || at > 2 || !id || more || !operation || !stage || !api) throw unknownRoute(request);
  const resource = arnOf(world, 'execute-api', `${api}/${stage}/${request.method}/@connections/${id}`);
  return [{ action: 'execute-api:ManageConnections', resource, context: {}, operation }];
};
