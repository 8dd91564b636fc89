/** The CDK app: which stages, which stacks. */
import { App } from 'aws-cdk-lib';
import { buildApp } from '../lib/app.ts';
import { addChecks } from '../lib/checks.ts';
import { stageNamed } from '../lib/stages.ts';

const app = new App();
buildApp(app, stageNamed(String(app.node.tryGetContext('stage') ?? 'dev')));
await addChecks(app);
app.synth();
