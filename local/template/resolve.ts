/** Resolves the intrinsics of parsed CloudFormation stacks, lazily from resource to resource. Pure. */
import {
  evaluateIntrinsic,
  intrinsicOf,
  isList,
  isValues,
  type Json,
  type Place,
  type Scope,
  TemplateError,
  type Values,
} from './intrinsics.ts';
import { asDictionary, readTemplate, type Template, type TemplateResource } from './template.ts';

/** A stack as `readAssembly` gives it. */
export interface Stack {
  readonly name: string;
  /** The parsed JSON of the template. */
  readonly template: unknown;
}
/** A resource with every intrinsic replaced; dynamic references are still in it. */
export interface ResolvedResource {
  readonly stack: string;
  readonly logicalId: string;
  readonly type: string;
  readonly properties: Values;
  /** As the template has it, intrinsics included. */
  readonly metadata: Json;
  /** What `Ref` and `Fn::GetAtt` give. */
  readonly ref: string;
  readonly attributes: Readonly<Record<string, string>>;
}
/** All stacks, resolved. */
export interface Resolved {
  /** Every resource whose condition holds, each after those it refers to or depends on. */
  readonly resources: readonly ResolvedResource[];
  /** Throws when there is no such resource (or its condition is false). */
  resource(stack: string, logicalId: string): ResolvedResource;
  /** `{stack: {output: value}}` */
  readonly outputs: Readonly<Record<string, Values>>;
}
/** What the cloud answers for a resource: its `Ref`, and the attributes that `Fn::GetAtt` may name. */
export type AttributesOf = (
  stack: string,
  logicalId: string,
  type: string,
  properties: Values,
) => { readonly ref: string; readonly attributes: Readonly<Record<string, string>> };

/** What the pseudo parameters stand for. */
export interface Account {
  readonly region: string;
  readonly accountId: string;
  readonly partition: string;
}
/** `{stack: {parameter: value}}`; a parameter that is not here needs its default. */
export type Parameters = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** An unknown intrinsic or reference, or a cycle, throws a TemplateError naming stack, logical id and path. */
export function createResolver(
  account: Account,
  attributesOf: AttributesOf,
): { resolve(stacks: readonly Stack[], parameters?: Parameters): Resolved } {
  return {
    resolve: (stacks, parameters = {}) => new Resolution(account, attributesOf, stacks, parameters).all(),
  };
}

interface OpenStack {
  readonly name: string;
  readonly template: Template;
  readonly parameters: Readonly<Record<string, string>>;
  readonly pseudo: ReadonlyMap<string, string>;
  readonly conditions: Map<string, boolean>;
}

/** One run over one set of stacks: what is already resolved, and what is underway (to find cycles). */
class Resolution {
  readonly #attributesOf: AttributesOf;
  readonly #stacks: readonly OpenStack[];
  readonly #done = new Map<string, ResolvedResource>();
  readonly #underway: string[] = [];
  #exports: ReadonlyMap<string, () => Json | undefined> | undefined;

  constructor(account: Account, attributesOf: AttributesOf, stacks: readonly Stack[], parameters: Parameters) {
    this.#attributesOf = attributesOf;
    this.#stacks = stacks.map(({ name, template }) => ({
      name,
      template: readTemplate(name, template),
      parameters: parameters[name] ?? {},
      pseudo: pseudoParameters(account, name),
      conditions: new Map(),
    }));
    const twice = stacks.find(({ name }, index) => stacks.findIndex((other) => other.name === name) !== index);
    if (twice) throw new TemplateError(placeOf(twice.name, 'Template'), 'two stacks have this name');
  }

  all(): Resolved {
    const outputs: Record<string, Values> = {};
    for (const stack of this.#stacks) {
      for (const [logicalId, definition] of stack.template.resources) {
        const place = placeOf(stack.name, logicalId);
        if (this.#holds(stack, definition, place)) this.#resource(stack, logicalId, place);
      }
      outputs[stack.name] = this.#outputs(stack);
    }
    const done = this.#done;
    return {
      resources: [...done.values()],
      outputs,
      resource(stack, logicalId) {
        const found = done.get(`${stack}.${logicalId}`);
        if (!found) throw new TemplateError(placeOf(stack, logicalId), 'there is no such resource');
        return found;
      },
    };
  }

  #outputs(stack: OpenStack): Values {
    const values: Record<string, Json> = {};
    for (const [id, output] of stack.template.outputs) {
      const place = placeOf(stack.name, `Outputs.${id}`);
      const value = this.#holds(stack, output, place) ? this.#value(output.value, place, stack) : undefined;
      if (value !== undefined) values[id] = value;
    }
    return values;
  }

  #guarded<T>(what: string, place: Place, work: () => T): T {
    const from = this.#underway.indexOf(what);
    if (from >= 0) {
      const circle = [...this.#underway.slice(from), what].join(' -> ');
      throw new TemplateError(place, `circular reference: ${circle}`);
    }
    this.#underway.push(what);
    try {
      return work();
    } finally {
      this.#underway.pop();
    }
  }

  #resource(stack: OpenStack, logicalId: string, from: Place): ResolvedResource {
    const key = `${stack.name}.${logicalId}`;
    const ready = this.#done.get(key);
    if (ready) return ready;
    const definition = stack.template.resources.get(logicalId);
    if (!definition) {
      throw new TemplateError(from, `there is no resource or parameter ${logicalId} in stack ${stack.name}`);
    }
    if (!this.#holds(stack, definition, from)) {
      throw new TemplateError(from, `the resource ${logicalId} does not exist: its condition is false`);
    }
    const resolved = this.#guarded(key, from, () => this.#build(stack, logicalId, definition));
    this.#done.set(key, resolved);
    return resolved;
  }

  #build(stack: OpenStack, logicalId: string, definition: TemplateResource): ResolvedResource {
    const place = placeOf(stack.name, logicalId);
    for (const other of definition.dependsOn) {
      const needed = stack.template.resources.get(other);
      const there = { ...place, path: ['DependsOn'] };
      if (!needed || this.#holds(stack, needed, there)) this.#resource(stack, other, there);
    }
    const here = { ...place, path: ['Properties'] };
    const properties = asDictionary(this.#value(definition.properties, here, stack), here);
    const { type, metadata } = definition;
    const { ref, attributes } = this.#attributesOf(stack.name, logicalId, type, properties);
    return { stack: stack.name, logicalId, type, properties, metadata, ref, attributes };
  }

  #holds(stack: OpenStack, one: { readonly condition: string | undefined }, place: Place): boolean {
    return one.condition === undefined || this.#condition(stack, one.condition, place);
  }

  #condition(stack: OpenStack, name: string, from: Place): boolean {
    const known = stack.conditions.get(name);
    if (known !== undefined) return known;
    const definition = stack.template.conditions.get(name);
    if (definition === undefined) throw new TemplateError(from, `there is no condition ${name}`);
    const place = placeOf(stack.name, `Conditions.${name}`);
    const value = this.#guarded(`${stack.name}.Conditions.${name}`, from, () =>
      this.#value(definition, place, stack, true),
    );
    if (typeof value !== 'boolean') throw new TemplateError(place, 'a condition must be true or false');
    stack.conditions.set(name, value);
    return value;
  }

  #imported(name: string, from: Place): Json | undefined {
    this.#exports ??= this.#readExports();
    const value = this.#exports.get(name);
    if (value === undefined) throw new TemplateError(from, `no stack exports ${JSON.stringify(name)}`);
    return this.#guarded(`export ${name}`, from, value);
  }

  #readExports(): ReadonlyMap<string, () => Json | undefined> {
    const found = new Map<string, () => Json | undefined>();
    for (const stack of this.#stacks) {
      for (const [id, output] of stack.template.outputs) {
        const place = placeOf(stack.name, `Outputs.${id}`);
        if (output.exportName === undefined || !this.#holds(stack, output, place)) continue;
        const name = this.#value(output.exportName, { ...place, path: ['Export', 'Name'] }, stack);
        if (typeof name !== 'string') throw new TemplateError(place, 'the name of an export must be text');
        if (found.has(name)) throw new TemplateError(place, `${name} is exported twice`);
        found.set(name, () => this.#value(output.value, place, stack));
      }
    }
    return found;
  }

  #reference(stack: OpenStack, name: string, from: Place): Json | undefined {
    if (name === 'AWS::NoValue') return undefined;
    const pseudo = stack.pseudo.get(name);
    if (pseudo !== undefined) return pseudo;
    const parameter = stack.template.parameters.get(name);
    if (parameter === undefined) return this.#resource(stack, name, from).ref;
    const value = stack.parameters[name] ?? parameter.default;
    if (value === undefined) throw new TemplateError(from, `the parameter ${name} has neither a value nor a default`);
    return parameter.isList ? value.split(',').map((item) => item.trim()) : value;
  }

  #attribute(stack: OpenStack, logicalId: string, name: string, from: Place): string {
    const { type, attributes } = this.#resource(stack, logicalId, from);
    const value = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
    if (value !== undefined) return value;
    const known = Object.keys(attributes).sort().join(', ') || 'none';
    throw new TemplateError(from, `${logicalId} (${type}) has no attribute ${name}; known: ${known}`);
  }

  #value(value: Json, place: Place, stack: OpenStack, inCondition = false): Json | undefined {
    const inner = (item: Json, path: readonly string[]) =>
      this.#value(item, { ...place, path: [...place.path, ...path] }, stack, inCondition);
    const intrinsic = intrinsicOf(value, place, inCondition);
    if (intrinsic) return evaluateIntrinsic(intrinsic, place, this.#scope(place, stack, inner));
    if (isList(value)) {
      return value.map((item, index) => inner(item, [String(index)])).filter((item) => item !== undefined);
    }
    if (!isValues(value)) return value;
    const resolved: Record<string, Json> = {};
    for (const [key, item] of Object.entries(value)) {
      const found = inner(item, [key]);
      if (found !== undefined) resolved[key] = found;
    }
    return resolved;
  }

  #scope(place: Place, stack: OpenStack, value: Scope['value']): Scope {
    return {
      value,
      reference: (name) => this.#reference(stack, name, place),
      attribute: (logicalId, name) => this.#attribute(stack, logicalId, name, place),
      condition: (name) => this.#condition(stack, name, place),
      imported: (name) => this.#imported(name, place),
      mapping(map, top, second) {
        const table = stack.template.mappings[map];
        const row = isValues(table) ? table[top] : undefined;
        return isValues(row) ? row[second] : undefined;
      },
    };
  }
}

function placeOf(stack: string, at: string): Place {
  return { stack, at, path: [] };
}

function pseudoParameters({ region, accountId, partition }: Account, stack: string): ReadonlyMap<string, string> {
  return new Map([
    ['AWS::Region', region],
    ['AWS::AccountId', accountId],
    ['AWS::Partition', partition],
    ['AWS::StackName', stack],
    ['AWS::StackId', `arn:${partition}:cloudformation:${region}:${accountId}:stack/${stack}/local`],
    ['AWS::URLSuffix', partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com'],
  ]);
}
