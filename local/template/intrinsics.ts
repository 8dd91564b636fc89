/** The intrinsic functions of CloudFormation, each on already scoped look-ups; an unknown one is an error. Pure. */

/** What a template is made of. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
/** An object of the template. */
export type Values = { readonly [key: string]: Json };

/** Where in which template something stands; `at` is a logical id or a section such as `Outputs.Url`. */
export interface Place {
  readonly stack: string;
  readonly at: string;
  readonly path: readonly string[];
}

/** The template cannot be resolved; the message names stack, logical id and path. */
export class TemplateError extends Error {
  readonly place: Place;
  constructor(place: Place, message: string) {
    const path = place.path.length === 0 ? '' : `, at ${place.path.join('.')}`;
    super(`stack ${place.stack}, ${place.at}${path}: ${message}`);
    this.name = 'TemplateError';
    this.place = place;
  }
}

/** What an intrinsic may ask of the template around it. Undefined stands for AWS::NoValue. */
export interface Scope {
  value(inner: Json, path: readonly string[]): Json | undefined;
  reference(name: string): Json | undefined;
  attribute(logicalId: string, name: string): string;
  condition(name: string): boolean;
  mapping(map: string, top: string, second: string): Json | undefined;
  imported(name: string): Json | undefined;
}

/** One call of an intrinsic function. */
export interface Intrinsic {
  readonly name: string;
  readonly argument: Json;
}

/** `Array.isArray` alone does not narrow read-only lists. */
export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** An object that is no list. */
export function isValues(value: Json | undefined): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The intrinsic that this object is. `{Condition: name}` is one only inside conditions: elsewhere it is a key of IAM. */
export function intrinsicOf(value: Json, place: Place, inCondition: boolean): Intrinsic | undefined {
  if (!isValues(value)) return undefined;
  const keys = Object.keys(value);
  const name = keys.find((key) => key === 'Ref' || key.startsWith('Fn::') || (inCondition && key === 'Condition'));
  if (name === undefined) return undefined;
  if (keys.length > 1) {
    if (name.startsWith('Fn::')) throw new TemplateError(place, `${name} stands beside other keys: ${keys.join(', ')}`);
    return undefined;
  }
  return { name, argument: value[name] ?? null };
}

type Evaluate = (argument: Json, place: Place, scope: Scope) => Json | undefined;

const INTRINSICS: Readonly<Record<string, Evaluate>> = {
  Ref: (argument, place, scope) => scope.reference(literal(argument, place, 'Ref')),
  Condition: (argument, place, scope) => scope.condition(literal(argument, place, 'Condition')),
  'Fn::GetAtt': getAtt,
  'Fn::Join': (argument, place, scope) => {
    const [delimiter, items] = pair(argument, place, 'Fn::Join');
    const texts = list(items, place, scope, 'Fn::Join').map((item) => text(item, place, 'an item of Fn::Join'));
    return texts.join(literal(delimiter, place, 'the delimiter of Fn::Join'));
  },
  'Fn::Split': (argument, place, scope) => {
    const [delimiter, source] = pair(argument, place, 'Fn::Split');
    const whole = text(scope.value(source, ['Fn::Split', '1']), place, 'the text of Fn::Split');
    return whole.split(literal(delimiter, place, 'the delimiter of Fn::Split'));
  },
  'Fn::Select': (argument, place, scope) => {
    const [at, items] = pair(argument, place, 'Fn::Select');
    const index = Number(text(scope.value(at, ['Fn::Select', '0']), place, 'the index of Fn::Select'));
    const found = list(items, place, scope, 'Fn::Select')[index];
    if (found === undefined) throw new TemplateError(place, `Fn::Select has no item ${index}`);
    return found;
  },
  'Fn::Sub': substitute,
  'Fn::Base64': (argument, place, scope) =>
    Buffer.from(text(scope.value(argument, ['Fn::Base64']), place, 'Fn::Base64')).toString('base64'),
  'Fn::ImportValue': (argument, place, scope) =>
    scope.imported(text(scope.value(argument, ['Fn::ImportValue']), place, 'Fn::ImportValue')),
  'Fn::FindInMap': findInMap,
  'Fn::If': (argument, place, scope) => {
    const [name, whenTrue, whenFalse] = tuple(argument, 3, place, 'Fn::If');
    const holds = scope.condition(literal(name ?? null, place, 'the condition of Fn::If'));
    return scope.value((holds ? whenTrue : whenFalse) ?? null, ['Fn::If', holds ? '1' : '2']);
  },
  'Fn::Equals': (argument, place, scope) => {
    const [left, right] = pair(argument, place, 'Fn::Equals').map((side, index) =>
      comparable(scope.value(side, ['Fn::Equals', String(index)])),
    );
    return left === right;
  },
  'Fn::Not': (argument, place, scope) => {
    const [only] = tuple(argument, 1, place, 'Fn::Not');
    return !truth(scope.value(only ?? null, ['Fn::Not', '0']), place);
  },
  'Fn::And': (argument, place, scope) => truths(argument, place, scope, 'Fn::And').every(Boolean),
  'Fn::Or': (argument, place, scope) => truths(argument, place, scope, 'Fn::Or').some(Boolean),
  'Fn::GetAZs': (_argument, place) => {
    throw new TemplateError(place, 'Fn::GetAZs depends on an account; name the zones or subnets instead');
  },
};

/** Its value; undefined is AWS::NoValue. Throws a TemplateError. */
export function evaluateIntrinsic({ name, argument }: Intrinsic, place: Place, scope: Scope): Json | undefined {
  const evaluate = Object.hasOwn(INTRINSICS, name) ? INTRINSICS[name] : undefined;
  if (evaluate === undefined) throw new TemplateError(place, `the intrinsic ${name} is not known`);
  return evaluate(argument, place, scope);
}

function getAtt(argument: Json, place: Place, scope: Scope): Json {
  if (typeof argument === 'string') {
    const dot = argument.indexOf('.');
    if (dot > 0) return scope.attribute(argument.slice(0, dot), argument.slice(dot + 1));
  }
  const [logicalId, name] = pair(argument, place, 'Fn::GetAtt');
  const attribute = text(scope.value(name, ['Fn::GetAtt', '1']), place, 'the attribute of Fn::GetAtt');
  return scope.attribute(literal(logicalId, place, 'the resource of Fn::GetAtt'), attribute);
}

/** `${Name}`, `${Name.Attribute}`, `${!literal}`; the two-part form brings names of its own. */
function substitute(argument: Json, place: Place, scope: Scope): Json {
  const [pattern, own]: [Json, Json] = isList(argument) ? pair(argument, place, 'Fn::Sub') : [argument, {}];
  if (!isValues(own)) throw new TemplateError(place, 'the second part of Fn::Sub is not a map');
  return literal(pattern, place, 'the text of Fn::Sub').replace(/\$\{([^}]*)\}/g, (_, inner: string) => {
    if (inner.startsWith('!')) return `\${${inner.slice(1)}}`;
    const name = inner.trim();
    const given = Object.hasOwn(own, name) ? own[name] : undefined;
    if (given !== undefined) return text(scope.value(given, ['Fn::Sub', '1', name]), place, `\${${name}} of Fn::Sub`);
    const dot = name.indexOf('.');
    const value = dot > 0 ? scope.attribute(name.slice(0, dot), name.slice(dot + 1)) : scope.reference(name);
    return text(value, place, `\${${name}} of Fn::Sub`);
  });
}

function findInMap(argument: Json, place: Place, scope: Scope): Json {
  const keys = tuple(argument, 3, place, 'Fn::FindInMap').map((key, index) =>
    text(scope.value(key, ['Fn::FindInMap', String(index)]), place, 'a key of Fn::FindInMap'),
  );
  const [map = '', top = '', second = ''] = keys;
  const found = scope.mapping(map, top, second);
  if (found === undefined) throw new TemplateError(place, `no mapping ${keys.join('.')}`);
  return found;
}

function tuple(argument: Json, length: number, place: Place, name: string): readonly Json[] {
  if (isList(argument) && argument.length === length) return argument;
  throw new TemplateError(place, `${name} needs a list of ${length}`);
}

function pair(argument: Json, place: Place, name: string): [Json, Json] {
  const [first, second] = tuple(argument, 2, place, name);
  return [first ?? null, second ?? null];
}

function list(value: Json, place: Place, scope: Scope, name: string): readonly Json[] {
  const found = scope.value(value, [name, '1']);
  if (isList(found)) return found;
  throw new TemplateError(place, `${name} needs a list`);
}

function truths(argument: Json, place: Place, scope: Scope, name: string): boolean[] {
  if (!isList(argument) || argument.length === 0) throw new TemplateError(place, `${name} needs a list of conditions`);
  return argument.map((item, index) => truth(scope.value(item, [name, String(index)]), place));
}

function truth(value: Json | undefined, place: Place): boolean {
  if (typeof value === 'boolean') return value;
  throw new TemplateError(place, `a condition must be true or false, not ${JSON.stringify(value)}`);
}

/** CloudFormation compares texts: 1 equals "1", true equals "true". */
function comparable(value: Json | undefined): string {
  return typeof value === 'object' || value === undefined ? JSON.stringify(value ?? null) : String(value);
}

function literal(value: Json, place: Place, what: string): string {
  if (typeof value === 'string') return value;
  throw new TemplateError(place, `${what} must be plain text, not ${JSON.stringify(value)}`);
}

function text(value: Json | undefined, place: Place, what: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new TemplateError(
    place,
    `${what} must be text, not ${value === undefined ? 'no value' : JSON.stringify(value)}`,
  );
}
