/** What the deploy command would do, and the sentences that keep it from doing it. */
import { describe, expect, test } from 'vitest';
import { stageNamed } from '../../lib/stages.ts';
import {
  type Answer,
  bootstrapProblem,
  cdkArguments,
  emailProblem,
  isRefusal,
  nextSteps,
  nodeProblem,
  pageConfig,
  type Request,
  readRequest,
  siteBucketAmong,
  siteOf,
  timestreamProblem,
} from '../../scripts/deploy-plan.ts';

const [dev, prod] = [stageNamed('dev'), stageNamed('prod')];
const failed = (name: string, message = 'because'): Answer => ({ error: { name, message } });

describe('the command', () => {
  test.each([
    ['nothing', [], /say what to do: npm run deploy -- STAGE/],
    ['a word that is no command', ['undeploy', 'dev'], /say what to do/],
    ['no stage', ['deploy'], /name a stage of lib\/stages\.ts \(dev, prod\), such as: npm run deploy -- dev/],
    ['a stage that does not exist', ['deploy', 'production'], /name a stage/],
    ['the stage of this machine', ['deploy', 'local'], /runs on this machine, by: npm start/],
    ['a flag that does not exist', ['deploy', 'dev', '--force'], /"--force" is not understood/],
    ['two stages', ['deploy', 'dev', 'prod'], /"prod" is not understood/],
    ['the end of a stage that protects its data', ['destroy', 'prod'], /protects its data \(protectData/],
    ['the same in a pipeline', ['destroy', 'prod', '--yes'], /protects its data/],
  ])('%s is refused with a sentence', (_, words, sentence) => {
    const request = readRequest(words);
    expect(isRefusal(request) && request.refused).toMatch(sentence);
  });

  test.each([
    ['deploy dev', 'deploy --all -c stage=dev -c nag=true --require-approval broadening --outputs-file out.json'],
    ['deploy prod --yes', 'deploy --all -c stage=prod -c nag=true --require-approval never --outputs-file out.json'],
    ['diff prod', 'diff --all -c stage=prod -c nag=true'],
    ['destroy dev', 'destroy --all -c stage=dev --force'],
  ])('%s runs cdk %s', (words, expected) => {
    const request = readRequest(words.split(' '));
    expect(isRefusal(request)).toBe(false);
    expect(cdkArguments(request as Request, 'out.json').join(' ')).toBe(expected);
  });
});

describe('checks before a deploy', () => {
  test.each([
    ['v24.21.0', undefined],
    ['v22.18.0', undefined],
    ['v22.17.1', /Node v22\.17\.1: run "npm ci"/],
    ['v20.19.0', /brings its own Node 24/],
  ])('Node %s', (version, sentence) => {
    expectSentence(nodeProblem(version), sentence);
  });

  test.each<[string, Answer, RegExp | undefined]>([
    ['a prepared account', { value: '27' }, undefined],
    [
      'an account prepared long ago',
      { value: '5' },
      /\(version 5\): run "npx cdk bootstrap aws:\/\/ACCOUNT\/eu-west-1" again/,
    ],
    [
      'an account that was never prepared',
      failed('ParameterNotFound'),
      /run once "npx cdk bootstrap aws:\/\/ACCOUNT\/eu-west-1"/,
    ],
    ['nobody signed in', failed('CredentialsProviderError'), /no AWS credentials were found: sign in/],
    ['a sign-in that ran out', failed('TokenProviderError'), /no AWS credentials/],
    ['a key that ran out', failed('ExpiredTokenException'), /does not take the credentials \(ExpiredTokenException\)/],
    ['a key that does not exist', failed('UnrecognizedClientException'), /does not take the credentials/],
    ['somebody who may not look', failed('AccessDeniedException', 'not yours'), /may not look at eu-west-1: not yours/],
    ['no way to AWS', failed('TimeoutError', 'no answer'), /did not answer in eu-west-1 \(TimeoutError: no answer\)/],
  ])('%s', (_, answer, sentence) => {
    expectSentence(bootstrapProblem(answer, dev), sentence);
  });

  test.each<[string, Answer, RegExp | undefined]>([
    ['a known address', { value: 'you@example.com' }, undefined],
    ['a value that is no address', { value: 'me' }, /\/headroom\/prod\/alarm-email holds no e-mail address: "me"/],
    [
      'no parameter',
      failed('ParameterNotFound'),
      /aws ssm put-parameter --region eu-west-1 --type String --name \/headroom\/prod\/alarm-email/,
    ],
    ['no permission', failed('AccessDeniedException', 'no'), /may not look at eu-west-1: no/],
  ])('the address of alarms: %s', (_, answer, sentence) => {
    expectSentence(emailProblem(answer, prod), sentence);
  });

  test.each<[string, Answer, RegExp | undefined]>([
    ['an account that has it', { value: 'ingest-cell1.timestream.eu-west-1.amazonaws.com' }, undefined],
    [
      'an account that came too late',
      failed('AccessDeniedException', 'Only existing Timestream for LiveAnalytics customers can access the service.'),
      /takes no new customers: set "timestream: false" for prod in lib\/stages\.ts/,
    ],
    [
      'credentials without the permission',
      failed('AccessDeniedException', 'User is not authorized to perform: timestream:DescribeEndpoints'),
      /these credentials may not use Timestream: allow it, or set "timestream: false" for prod/,
    ],
    [
      'a region without it',
      failed('Error', 'getaddrinfo ENOTFOUND'),
      /where the region has none, set "timestream: false"/,
    ],
  ])('Timestream: %s', (_, answer, sentence) => {
    expectSentence(timestreamProblem(answer, prod), sentence);
  });
});

describe('the page', () => {
  const outputs = {
    SiteBucket: 'headroom-dev-dashboard-site-1',
    PublicUrl: 'https://page.example.com',
    UserPoolId: 'eu-west-1_example',
    ClientId: 'client',
    LoginUrl: 'https://login.example.com',
  };

  test('knows its bucket and its sign-in from the outputs of its stack', () => {
    const site = siteOf({ 'headroom-dev-dashboard': outputs, 'headroom-prod-dashboard': {} }, dev);
    if (isRefusal(site)) throw new Error(site.refused);
    expect(site.bucket).toBe(outputs.SiteBucket);
    expect(JSON.parse(pageConfig(site))).toEqual({
      mode: 'cognito',
      loginUrl: outputs.LoginUrl,
      clientId: outputs.ClientId,
    });
    expect(nextSteps(dev, site).join('\n')).toContain('--user-pool-id eu-west-1_example');
    expect(nextSteps(dev, site).join('\n')).not.toContain('confirm the subscription');
    expect(nextSteps(prod, site).join('\n')).toContain('confirm the subscription');
  });

  test('is not uploaded when an output is missing, and the missing one is named', () => {
    const { ClientId: _, ...rest } = outputs;
    const site = siteOf({ 'headroom-dev-dashboard': rest }, dev);
    expect(isRefusal(site) && site.refused).toBe(
      'the stack headroom-dev-dashboard did not say ClientId: the page was not uploaded',
    );
    expect(isRefusal(siteOf({}, dev))).toBe(true);
  });

  test('is found by its bucket when a stage goes', () => {
    const own = 'headroom-dev-dashboard-site397a1860-abc';
    expect(siteBucketAmong(['other', own, 'headroom-prod-dashboard-site397a1860-abc'], dev)).toBe(own);
    expect(siteBucketAmong(['other'], dev)).toBeUndefined();
    const two = siteBucketAmong([own, `${own}d`], dev);
    expect(typeof two === 'object' && two.refused).toMatch(/more than one bucket could be the page's/);
  });
});

function expectSentence(actual: string | undefined, expected: RegExp | undefined): void {
  if (expected) expect(actual).toMatch(expected);
  else expect(actual).toBeUndefined();
}
