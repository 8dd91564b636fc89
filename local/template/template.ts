/** The sections of a CloudFormation template, read into typed maps; an unknown section or element is an error. Pure. */
import { isList, isValues, type Json, type Place, TemplateError, type Values } from './intrinsics.ts';

/** A parameter's default as text. */
export interface TemplateParameter {
  readonly default: string | undefined;
  readonly isList: boolean;
}
/** A resource, intrinsics still in it. */
export interface TemplateResource {
  readonly type: string;
  readonly properties: Json;
  readonly metadata: Json;
  readonly dependsOn: readonly string[];
  readonly condition: string | undefined;
}
/** An output, intrinsics still in it. */
export interface TemplateOutput {
  readonly value: Json;
  readonly exportName: Json | undefined;
  readonly condition: string | undefined;
}
/** The sections that matter here. */
export interface Template {
  readonly parameters: ReadonlyMap<string, TemplateParameter>;
  readonly mappings: Values;
  readonly conditions: ReadonlyMap<string, Json>;
  readonly resources: ReadonlyMap<string, TemplateResource>;
  readonly outputs: ReadonlyMap<string, TemplateOutput>;
}

const SECTIONS = [
  'AWSTemplateFormatVersion',
  'Description',
  'Metadata',
  'Parameters',
  'Mappings',
  'Conditions',
  'Resources',
  'Outputs',
];
/** The policies for deletion and replacement say nothing about a machine that keeps its folder or loses it. */
const RESOURCE_ELEMENTS = [
  'Type',
  'Properties',
  'Metadata',
  'DependsOn',
  'Condition',
  'DeletionPolicy',
  'UpdateReplacePolicy',
];
const OUTPUT_ELEMENTS = ['Value', 'Description', 'Export', 'Condition'];

/** Throws a TemplateError unless it is an object. */
export function asDictionary(value: Json | undefined, place: Place): Values {
  if (isValues(value)) return value;
  throw new TemplateError(place, `an object is expected, not ${JSON.stringify(value)}`);
}

/** Throws a TemplateError for a section or element that is not supported. */
export function readTemplate(stack: string, template: unknown): Template {
  const whole: Place = { stack, at: 'Template', path: [] };
  // Parsed JSON is Json by construction.
  const sections = asDictionary(template as Json, whole);
  onlyKnown(sections, SECTIONS, whole);
  const section = (name: string) => Object.entries(asDictionary(sections[name] ?? {}, { ...whole, at: name }));
  const map = <T>(name: string, read: (value: Values, place: Place) => T): ReadonlyMap<string, T> =>
    new Map(
      section(name).map(([key, value]) => {
        const place: Place = { stack, at: name === 'Resources' ? key : `${name}.${key}`, path: [] };
        return [key, read(asDictionary(value, place), place)];
      }),
    );
  return {
    parameters: map('Parameters', readParameter),
    mappings: asDictionary(sections.Mappings ?? {}, whole),
    conditions: new Map(section('Conditions')),
    resources: map('Resources', readResource),
    outputs: map('Outputs', readOutput),
  };
}

function readParameter(value: Values): TemplateParameter {
  const type = String(value.Type);
  // The default of an SSM type is the name of a parameter elsewhere, not a value.
  const given = type.startsWith('AWS::SSM::') ? undefined : value.Default;
  return {
    default: given === undefined ? undefined : String(given),
    isList: type === 'CommaDelimitedList' || type.startsWith('List<'),
  };
}

function readResource(value: Values, place: Place): TemplateResource {
  onlyKnown(value, RESOURCE_ELEMENTS, place);
  if (typeof value.Type !== 'string') throw new TemplateError(place, 'the resource has no Type');
  const dependsOn = value.DependsOn ?? [];
  return {
    type: value.Type,
    properties: value.Properties ?? {},
    metadata: value.Metadata ?? {},
    dependsOn: (isList(dependsOn) ? dependsOn : [dependsOn]).map(String),
    condition: optionalText(value.Condition),
  };
}

function readOutput(value: Values, place: Place): TemplateOutput {
  onlyKnown(value, OUTPUT_ELEMENTS, place);
  if (value.Value === undefined) throw new TemplateError(place, 'the output has no Value');
  return {
    value: value.Value,
    exportName: value.Export === undefined ? undefined : asDictionary(value.Export, place).Name,
    condition: optionalText(value.Condition),
  };
}

function optionalText(value: Json | undefined): string | undefined {
  return value === undefined ? undefined : String(value);
}

function onlyKnown(value: Values, known: readonly string[], place: Place): void {
  const unknown = Object.keys(value).filter((key) => !known.includes(key));
  if (unknown.length > 0) throw new TemplateError(place, `not supported: ${unknown.join(', ')}`);
}
