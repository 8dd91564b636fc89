/** What a simulated IOS-XE answers to RESTCONF: lists with fields, one row, its clock, and errors of RFC 8040. Pure. */
import { brokenBody } from './fault-fields.ts';
import type { GarbageShape } from './iosxe-faults.ts';
import { instantText } from './iosxe-ports.ts';
import type { SimulatedResponse } from './simulator.ts';

type Row = Readonly<Record<string, unknown>>;

const YANG_JSON = { 'content-type': 'application/yang-data+json' };

export function answered(value: unknown): SimulatedResponse {
  return { status: 200, headers: YANG_JSON, body: JSON.stringify(value) };
}

/** The container is there, and nothing in it. */
export const NO_CONTENT: SimulatedResponse = { status: 204, body: '' };

export function refused(status: number, tag: string, message?: string): SimulatedResponse {
  const words = message === undefined ? {} : { 'error-message': message };
  const error = [{ 'error-type': 'application', 'error-tag': tag, ...words }];
  return { status, headers: YANG_JSON, body: JSON.stringify({ 'ietf-restconf:errors': { error } }) };
}

export const NOT_THERE = refused(404, 'invalid-value', 'uri keypath not found');

/** Of a web server that knows no RESTCONF: IOS-XR, or IOS-XE where it is not switched on. */
export const NO_RESTCONF: SimulatedResponse = {
  status: 404,
  headers: { 'content-type': 'text/html' },
  body: '<html><head><title>404 Not Found</title></head><body>Not Found</body></html>',
};

/** Rows of a list, with the leaves of `fields` where that is given; one row where the path names it by `=key`. */
export function listed(
  module: string,
  rows: readonly Row[],
  asked: { readonly key: string | undefined; readonly fields: string | null; readonly takesFields: boolean },
): SimulatedResponse {
  const { key, fields, takesFields } = asked;
  if (fields !== null && !takesFields) return refused(400, 'malformed-message', 'unknown query parameter fields');
  const wanted = fields?.split(';');
  // Each leaf must be one of the model; the model is what any row has.
  const unknown = wanted?.find((name) => name !== 'description' && !rows.some((row) => name in row));
  if (unknown !== undefined && rows.length > 0) return refused(400, 'invalid-value', `unknown field ${unknown}`);
  const found = key === undefined ? rows : rows.filter((row) => row.name === decodeURIComponent(key));
  if (key !== undefined && found.length === 0) return NOT_THERE;
  if (found.length === 0) return NO_CONTENT;
  const cut = found.map((row) => (wanted === undefined ? row : onlyFields(row, wanted)));
  return answered({ [`${module}:interface`]: cut });
}

function onlyFields(row: Row, fields: readonly string[]): Row {
  return Object.fromEntries(Object.entries(row).filter(([name]) => fields.includes(name)));
}

/** Its boot-time is worked out anew for each answer, so it moves by a second to and fro, as the real one does. */
export function systemOf(bootedAt: number, now: number): SimulatedResponse {
  const jitterMs = (Math.floor(now / 1000) % 2) * 1000;
  const bootAt = Math.floor((bootedAt + jitterMs) / 1000) * 1000;
  return answered({
    'Cisco-IOS-XE-device-hardware-oper:device-system-data': {
      'current-time': instantText(Math.floor(now / 1000) * 1000),
      'boot-time': instantText(bootAt),
      'software-version': 'Cisco IOS Software [Cupertino], simulated, Version 17.9.4a',
    },
  });
}

const LOGIN_PAGE = '<!DOCTYPE html><html><head><title>Cisco WebUI</title></head><body>Log in</body></html>';

/** A 200 that is none; `answer` is what would have been right. */
export function garbageBody(shape: GarbageShape, answer: string): string {
  switch (shape) {
    case 'login-page':
      return LOGIN_PAGE;
    case 'object':
      return JSON.stringify({ 'Cisco-IOS-XE-interfaces-oper:nothing': answer.length });
    default:
      return brokenBody(shape, answer);
  }
}
