/** The table of intrinsics, and how resources, conditions, exports and cycles are resolved. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Fn::Sub is written with braces
import { describe, expect, test } from 'vitest';
import { createResolver, type Resolved, type Stack } from '../../../local/template/resolve.ts';

const resolver = createResolver(
  { region: 'eu-west-1', accountId: '111122223333', partition: 'aws' },
  (stack, id, type) => ({
    ref: `${stack}-${id}`,
    attributes: { Arn: `arn:${type}:${id}`, 'Endpoint.Address': `${id}.local` },
  }),
);

const queue = (Properties: unknown, more: object = {}) => ({ Type: 'AWS::SQS::Queue', Properties, ...more });

function resolve(template: object, ...more: Stack[]): Resolved {
  return resolver.resolve([{ name: 'main', template }, ...more]);
}

const AROUND = {
  Parameters: {
    Stage: { Type: 'String', Default: 'local' },
    Count: { Type: 'Number', Default: 3 },
    Zones: { Type: 'CommaDelimitedList', Default: 'a, b' },
    Missing: { Type: 'String' },
    Remote: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/some/name' },
  },
  Mappings: { Sizes: { local: { Memory: '128' } } },
  Conditions: {
    IsLocal: { 'Fn::Equals': [{ Ref: 'Stage' }, 'local'] },
    IsProd: { 'Fn::Not': [{ Condition: 'IsLocal' }] },
    Both: { 'Fn::And': [{ Condition: 'IsLocal' }, { Condition: 'IsProd' }] },
    Either: { 'Fn::Or': [{ Condition: 'IsLocal' }, { Condition: 'IsProd' }] },
    Three: { 'Fn::Equals': [{ Ref: 'Count' }, 3] },
    Round: { 'Fn::Not': [{ Condition: 'About' }] },
    About: { 'Fn::Not': [{ Condition: 'Round' }] },
  },
};

function resolvedValue(value: unknown): unknown {
  const template = { ...AROUND, Resources: { Other: queue({}), One: queue({ value }) } };
  return resolve(template).resource('main', 'One').properties.value;
}

const VALUES: readonly (readonly [sentence: string, value: unknown, expected: unknown])[] = [
  ['plain text stays', 'x', 'x'],
  ['numbers, booleans and null stay', [1, true, null], [1, true, null]],
  ['Ref of a parameter', { Ref: 'Stage' }, 'local'],
  ['Ref of a number parameter is text', { Ref: 'Count' }, '3'],
  ['Ref of a list parameter is a list', { Ref: 'Zones' }, ['a', 'b']],
  ['Ref of a resource', { Ref: 'Other' }, 'main-Other'],
  ['the region', { Ref: 'AWS::Region' }, 'eu-west-1'],
  ['the account', { Ref: 'AWS::AccountId' }, '111122223333'],
  ['the partition', { Ref: 'AWS::Partition' }, 'aws'],
  ['the name of the stack', { Ref: 'AWS::StackName' }, 'main'],
  ['the suffix of hosts', { Ref: 'AWS::URLSuffix' }, 'amazonaws.com'],
  ['no value removes a member', { a: 1, b: { Ref: 'AWS::NoValue' } }, { a: 1 }],
  ['no value removes an item', [1, { Ref: 'AWS::NoValue' }, 2], [1, 2]],
  ['GetAtt as a list', { 'Fn::GetAtt': ['Other', 'Arn'] }, 'arn:AWS::SQS::Queue:Other'],
  ['GetAtt as text', { 'Fn::GetAtt': 'Other.Arn' }, 'arn:AWS::SQS::Queue:Other'],
  ['GetAtt of an attribute with a dot', { 'Fn::GetAtt': ['Other', 'Endpoint.Address'] }, 'Other.local'],
  ['Join', { 'Fn::Join': ['-', ['a', { Ref: 'Stage' }, 1, true]] }, 'a-local-1-true'],
  ['Join of a computed list', { 'Fn::Join': ['/', { 'Fn::Split': [',', 'a,b'] }] }, 'a/b'],
  ['Join leaves out what has no value', { 'Fn::Join': ['-', ['a', { Ref: 'AWS::NoValue' }, 'b']] }, 'a-b'],
  [
    'Split',
    { 'Fn::Split': [':', { 'Fn::GetAtt': ['Other', 'Arn'] }] },
    ['arn', 'AWS', '', 'SQS', '', 'Queue', 'Other'],
  ],
  ['Select', { 'Fn::Select': [1, ['a', 'b']] }, 'b'],
  ['Select by text from a split', { 'Fn::Select': ['0', { 'Fn::Split': [',', 'x,y'] }] }, 'x'],
  [
    'Sub of a parameter, a resource and an attribute',
    { 'Fn::Sub': '${Stage}/${Other}/${Other.Arn}/${AWS::Region}' },
    'local/main-Other/arn:AWS::SQS::Queue:Other/eu-west-1',
  ],
  ['Sub with its own names', { 'Fn::Sub': ['${name}-${Stage}', { name: { Ref: 'Count' } }] }, '3-local'],
  ['Sub prefers its own names', { 'Fn::Sub': ['${Stage}', { Stage: 'own' }] }, 'own'],
  ['Sub leaves a literal', { 'Fn::Sub': '${!literal}/${Stage}' }, '${literal}/local'],
  ['Sub does not replace twice', { 'Fn::Sub': ['${a}', { a: '${Stage}' }] }, '${Stage}'],
  ['FindInMap', { 'Fn::FindInMap': ['Sizes', { Ref: 'Stage' }, 'Memory'] }, '128'],
  ['Base64', { 'Fn::Base64': { 'Fn::Sub': '${Stage}' } }, 'bG9jYWw='],
  ['If takes the first when true', { 'Fn::If': ['IsLocal', 'yes', 'no'] }, 'yes'],
  ['If takes the second when false', { 'Fn::If': ['IsProd', 'yes', { Ref: 'Stage' }] }, 'local'],
  ['If may give no value', { a: { 'Fn::If': ['IsProd', 'yes', { Ref: 'AWS::NoValue' }] } }, {}],
  ['If does not look at the other branch', { 'Fn::If': ['IsLocal', 'yes', { Ref: 'Nowhere' }] }, 'yes'],
  ['And', { 'Fn::If': ['Both', 1, 0] }, 0],
  ['Or', { 'Fn::If': ['Either', 1, 0] }, 1],
  ['Equals compares as text', { 'Fn::If': ['Three', 1, 0] }, 1],
  [
    'four deep',
    { 'Fn::Join': ['', ['arn:', { 'Fn::Select': [0, { 'Fn::Split': ['-', { 'Fn::Sub': '${Other}' }] }] }]] },
    'arn:main',
  ],
  ['an IAM condition is no intrinsic', [{ Condition: { Bool: { a: 'b' } } }], [{ Condition: { Bool: { a: 'b' } } }]],
  ['a dynamic reference stays for later', '{{resolve:ssm:/x}}', '{{resolve:ssm:/x}}'],
];

const FAULTS: readonly (readonly [sentence: string, value: unknown, message: string])[] = [
  [
    'a Ref to nothing',
    { Ref: 'Nowhere' },
    'stack main, One, at Properties.value: there is no resource or parameter Nowhere in stack main',
  ],
  ['deep inside, with its path', { a: [{ b: { Ref: 'Nowhere' } }] }, 'at Properties.value.a.0.b: there is no'],
  [
    'inside other intrinsics',
    { 'Fn::Join': ['', ['x', { Ref: 'Nowhere' }]] },
    'at Properties.value.Fn::Join.1.1: there is no',
  ],
  [
    'an unknown attribute, naming the known',
    { 'Fn::GetAtt': ['Other', 'Url'] },
    'Other (AWS::SQS::Queue) has no attribute Url; known: Arn, Endpoint.Address',
  ],
  ['an attribute that every object inherits', { 'Fn::GetAtt': ['Other', 'toString'] }, 'has no attribute toString'],
  ['an unknown intrinsic', { 'Fn::Cidr': ['x'] }, 'the intrinsic Fn::Cidr is not known'],
  ['GetAZs', { 'Fn::GetAZs': '' }, 'Fn::GetAZs depends on an account'],
  ['an intrinsic beside other keys', { 'Fn::Sub': 'x', y: 1 }, 'Fn::Sub stands beside other keys: Fn::Sub, y'],
  ['a Join of two delimiters', { 'Fn::Join': ['a', 'b', 'c'] }, 'Fn::Join needs a list of 2'],
  ['a Join of no list', { 'Fn::Join': ['', 'abc'] }, 'Fn::Join needs a list'],
  ['a Join of an object', { 'Fn::Join': ['', [{ a: 1 }]] }, 'an item of Fn::Join must be text'],
  ['a Select beyond the end', { 'Fn::Select': [2, ['a']] }, 'Fn::Select has no item 2'],
  ['a Sub of an unknown name', { 'Fn::Sub': '${Nowhere}' }, 'there is no resource or parameter Nowhere'],
  ['a Sub of a list', { 'Fn::Sub': '${Zones}' }, '${Zones} of Fn::Sub must be text'],
  ['an unknown mapping', { 'Fn::FindInMap': ['Sizes', 'prod', 'Memory'] }, 'no mapping Sizes.prod.Memory'],
  ['an unknown condition', { 'Fn::If': ['Nope', 1, 2] }, 'there is no condition Nope'],
  [
    'conditions in a circle',
    { 'Fn::If': ['Round', 1, 2] },
    'circular reference: main.Conditions.Round -> main.Conditions.About -> main.Conditions.Round',
  ],
  ['an unknown export', { 'Fn::ImportValue': 'nothing' }, 'no stack exports "nothing"'],
  ['a parameter without a value', { Ref: 'Missing' }, 'the parameter Missing has neither a value nor a default'],
  ['a parameter that lives in an account', { Ref: 'Remote' }, 'the parameter Remote has neither a value nor a default'],
];

describe('values', () => {
  test.each(VALUES)('%s', (_, value, expected) => {
    expect(resolvedValue(value)).toEqual(expected);
  });
  test.each(FAULTS)('refuses %s', (_, value, message) => {
    expect(() => resolvedValue(value)).toThrow(message);
  });
});

describe('resources', () => {
  test('come after those they refer to or depend on, whatever their order in the template', () => {
    const { resources } = resolve({
      Resources: {
        A: queue({ from: { Ref: 'C' } }),
        B: queue({}, { DependsOn: 'D' }),
        C: queue({ from: { 'Fn::Sub': '${D.Arn}' } }),
        D: queue({}),
      },
    });
    expect(resources.map((one) => one.logicalId)).toEqual(['D', 'C', 'A', 'B']);
  });

  test('of a false condition do not exist, and depending on them does not matter', () => {
    const Resources = {
      Gone: queue({}, { Condition: 'IsProd' }),
      Kept: queue({}, { DependsOn: ['Gone'], Condition: 'IsLocal' }),
    };
    expect(resolve({ ...AROUND, Resources }).resources.map((one) => one.logicalId)).toEqual(['Kept']);
    const referring = { ...Resources, Kept: queue({ from: { Ref: 'Gone' } }) };
    expect(() => resolve({ ...AROUND, Resources: referring })).toThrow('Gone does not exist: its condition is false');
  });

  test('in a circle are refused with the circle', () => {
    const Resources = {
      A: queue({ x: { Ref: 'B' } }),
      B: queue({ x: { 'Fn::GetAtt': ['C', 'Arn'] } }),
      C: queue({}, { DependsOn: 'A' }),
    };
    expect(() => resolve({ Resources })).toThrow('circular reference: main.A -> main.B -> main.C -> main.A');
    expect(() => resolve({ Resources: { A: queue({ x: { Ref: 'A' } }) } })).toThrow(
      'circular reference: main.A -> main.A',
    );
  });

  test('are given to attributesOf resolved, once each', () => {
    const seen: unknown[] = [];
    const watching = createResolver({ region: 'r', accountId: 'a', partition: 'aws' }, (...given) => {
      seen.push(given);
      return { ref: 'x', attributes: {} };
    });
    const Resources = { A: queue({ n: { Ref: 'AWS::Region' } }), B: queue({ x: { Ref: 'A' }, y: { Ref: 'A' } }) };
    watching.resolve([{ name: 'main', template: { Resources } }]);
    expect(seen).toEqual([
      ['main', 'A', 'AWS::SQS::Queue', { n: 'r' }],
      ['main', 'B', 'AWS::SQS::Queue', { x: 'x', y: 'x' }],
    ]);
  });

  test.each([
    ['an unknown section', { Transform: 'AWS::Serverless', Resources: {} }, 'not supported: Transform'],
    [
      'an unknown element of a resource',
      { Resources: { A: queue({}, { UpdatePolicy: {} }) } },
      'stack main, A: not supported: UpdatePolicy',
    ],
    ['a resource without a type', { Resources: { A: { Properties: {} } } }, 'stack main, A: the resource has no Type'],
    [
      'properties that are a list',
      { Resources: { A: queue([]) } },
      'stack main, A, at Properties: an object is expected',
    ],
    [
      'a dependency on nothing',
      { Resources: { A: queue({}, { DependsOn: 'Z' }) } },
      'stack main, A, at DependsOn: there is no resource or parameter Z',
    ],
  ])('refuses %s', (_, template, message) => {
    expect(() => resolve(template)).toThrow(message);
  });
});

describe('stacks', () => {
  const storage = {
    Resources: { Table: queue({}) },
    Outputs: {
      Arn: { Value: { 'Fn::GetAtt': ['Table', 'Arn'] }, Export: { Name: { 'Fn::Sub': '${AWS::StackName}:Arn' } } },
      Off: { Value: { Ref: 'Nowhere' }, Condition: 'Never', Export: { Name: 'off' } },
    },
    Conditions: { Never: { 'Fn::Equals': ['a', 'b'] } },
  };
  const using = { Resources: { User: queue({ table: { 'Fn::ImportValue': 'storage:Arn' } }) } };

  test('import what others export, and give their outputs', () => {
    const resolved = resolver.resolve([
      { name: 'storage', template: storage },
      { name: 'collect', template: using },
    ]);
    expect(resolved.resource('collect', 'User').properties).toEqual({ table: 'arn:AWS::SQS::Queue:Table' });
    expect(resolved.outputs).toEqual({ storage: { Arn: 'arn:AWS::SQS::Queue:Table' }, collect: {} });
  });

  test('that import from each other in a circle are refused', () => {
    const circular = { ...storage, Resources: { Table: queue({ x: { 'Fn::ImportValue': 'user' } }) } };
    const back = { ...using, Outputs: { User: { Value: { Ref: 'User' }, Export: { Name: 'user' } } } };
    expect(() =>
      resolver.resolve([
        { name: 'storage', template: circular },
        { name: 'collect', template: back },
      ]),
    ).toThrow('circular reference');
  });

  test('may not export one name twice', () => {
    const again = { Outputs: { X: { Value: 'x', Export: { Name: 'storage:Arn' } } }, Resources: {} };
    const stacks = [
      { name: 'storage', template: storage },
      { name: 'again', template: again },
      { name: 'collect', template: using },
    ];
    expect(() => resolver.resolve(stacks)).toThrow('storage:Arn is exported twice');
  });

  test('take parameters by name of stack', () => {
    const template = { Parameters: { P: { Type: 'String' } }, Resources: { A: queue({ p: { Ref: 'P' } }) } };
    const resolved = resolver.resolve([{ name: 'main', template }], { main: { P: 'given' } });
    expect(resolved.resource('main', 'A').properties).toEqual({ p: 'given' });
  });

  test('with one name twice are refused, and an unknown resource is named', () => {
    expect(() => resolve({ Resources: {} }, { name: 'main', template: { Resources: {} } })).toThrow(
      'two stacks have this name',
    );
    expect(() => resolve({ Resources: {} }).resource('main', 'X')).toThrow('stack main, X: there is no such resource');
  });
});
