/** Dynamic references, physical names and the list of accepted properties. */
import { describe, expect, test } from 'vitest';
import { type DynamicReference, resolveDynamic, resolveDynamicDeep } from '../../../local/template/dynamic.ts';
import { physicalName } from '../../../local/template/names.ts';
import { checkProperties } from '../../../local/template/types.ts';

const SECRET_ARN = 'arn:aws:secretsmanager:us-east-1:111122223333:secret:headroom/twilio-Ab12Cd';

function lookup(reference: DynamicReference): string | undefined {
  if (reference.service === 'secretsmanager') {
    return { twilio: 'plain', [SECRET_ARN]: '{"sid":"AC1","port":5,"list":[]}' }[reference.secretId];
  }
  return { '/a/b': `b${reference.version ?? ''}` }[reference.name];
}

describe('a dynamic reference', () => {
  test.each([
    ['text without one stays', 'a {{x}} b', 'a {{x}} b'],
    ['a parameter', '{{resolve:ssm:/a/b}}', 'b'],
    ['a parameter of a version, inside text', 'x{{resolve:ssm:/a/b:2}}y', 'xb2y'],
    ['a secure parameter', '{{resolve:ssm-secure:/a/b:1}}', 'b1'],
    ['a whole secret', '{{resolve:secretsmanager:twilio}}', 'plain'],
    ['a whole secret, said at length', '{{resolve:secretsmanager:twilio:SecretString:::}}', 'plain'],
    ['a member of a secret by ARN', `{{resolve:secretsmanager:${SECRET_ARN}:SecretString:sid::}}`, 'AC1'],
    ['a number of a secret', `{{resolve:secretsmanager:${SECRET_ARN}:SecretString:port::}}`, '5'],
    ['two of them', '{{resolve:ssm:/a/b}}-{{resolve:secretsmanager:twilio}}', 'b-plain'],
  ])('%s', (_, text, expected) => {
    expect(resolveDynamic(text, lookup)).toBe(expected);
  });

  test.each([
    ['a parameter that does not exist', '{{resolve:ssm:/none}}', '{{resolve:ssm:/none}} has no value'],
    ['a member that does not exist', `{{resolve:secretsmanager:${SECRET_ARN}:SecretString:none}}`, 'has no value'],
    ['a member that is no text', `{{resolve:secretsmanager:${SECRET_ARN}:SecretString:list}}`, 'has no value'],
    [
      'a member that every object inherits',
      `{{resolve:secretsmanager:${SECRET_ARN}:SecretString:toString}}`,
      'has no value',
    ],
    ['a member of what is not JSON', '{{resolve:secretsmanager:twilio:SecretString:sid}}', 'is not JSON'],
    ['a binary secret', '{{resolve:secretsmanager:twilio:SecretBinary}}', 'is not supported'],
    ['another service', '{{resolve:vault:x}}', 'is of an unknown service'],
  ])('refuses %s', (_, text, message) => {
    expect(() => resolveDynamic(text, lookup)).toThrow(message);
  });

  test('is found in every text of a value', () => {
    expect(resolveDynamicDeep({ a: ['{{resolve:ssm:/a/b}}', 1], b: null }, lookup)).toEqual({ a: ['b', 1], b: null });
  });
});

describe('a physical name', () => {
  test('is the one the template gives', () => {
    expect(physicalName('s', 'Queue', 'AWS::SQS::Queue', 'given')).toBe('given');
  });

  test('else is readable, the same in every run, and different for each resource', () => {
    const name = physicalName('headroom-local-collect', 'Queue4A7E3555', 'AWS::SQS::Queue');
    expect(name).toMatch(/^headroom-local-collect-Queue4A7E3555-[0-9a-f]{12}$/);
    expect(physicalName('headroom-local-collect', 'Queue4A7E3555', 'AWS::SQS::Queue')).toBe(name);
    expect(physicalName('headroom-local-collec', 'tQueue4A7E3555', 'AWS::SQS::Queue')).not.toBe(name);
  });

  test.each([
    ['AWS::Lambda::Function', 64],
    ['AWS::SQS::Queue', 80],
    ['AWS::S3::Bucket', 63],
    ['AWS::SNS::Topic', 128],
  ])('of a %s has at most %d characters', (type, limit) => {
    const names = ['A', 'B'].map((end) => physicalName('stack', 'LongName'.repeat(40) + end, type));
    expect(names[0]?.length).toBe(limit);
    expect(names[0]).not.toBe(names[1]);
  });

  test('of a bucket is lower case', () => {
    expect(physicalName('Stack', 'Site', 'AWS::S3::Bucket')).toMatch(/^stack-site-[0-9a-f]{12}$/);
  });
});

describe('accepted properties', () => {
  const accepted = { 'AWS::Lambda::Function': ['Handler', 'Code.S3Key', 'Code.S3Bucket', 'Tags', 'Layers.Arn'] };

  test.each([
    ['all known', { Handler: 'x', Code: { S3Key: 'k', S3Bucket: 'b' }, Tags: [{ Key: 'k', More: 1 }] }, []],
    ['an unknown property', { Handler: 'x', SnapStart: {} }, ['SnapStart']],
    ['an unknown member of a listed property', { Code: { S3Key: 'k', ZipFile: 'x' } }, ['Code.ZipFile']],
    ['unknown members in a list, each once', { Layers: [{ Arn: 'a', X: 1 }, { X: 2 }] }, ['Layers.X']],
    ['a property that every object inherits', { constructor: 1 }, ['constructor']],
  ])('%s', (_, properties, unknown) => {
    const sentences = unknown.map(
      (path) => `the local cloud does not know the property ${path} of AWS::Lambda::Function`,
    );
    expect(checkProperties('AWS::Lambda::Function', properties as never, accepted)).toEqual(sentences);
  });

  test('an unknown type', () => {
    expect(checkProperties('AWS::X::Y', {}, accepted)).toEqual([
      'the local cloud does not know the resource type AWS::X::Y',
    ]);
  });
});
