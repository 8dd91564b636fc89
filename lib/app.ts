/** Puts the stacks of one stage together. */
import { type App, Tags } from 'aws-cdk-lib';
import { type Bundles, bundleFunctions } from './bundles.ts';
import type { FunctionFactory } from './constructs/function-factory.ts';
import { secretPrefix } from './constructs/tenant-secrets.ts';
import { AlertStack } from './stacks/alert-stack.ts';
import { ApiStack } from './stacks/api-stack.ts';
import { CollectStack } from './stacks/collect-stack.ts';
import { DashboardStack } from './stacks/dashboard-stack.ts';
import { MonitorStack } from './stacks/monitor-stack.ts';
import { StorageStack } from './stacks/storage-stack.ts';
import type { Stage } from './stages.ts';

/** Builds the app of a stage; bundles are removed again once they were copied as assets. */
export function buildApp(app: App, stage: Stage, bundles: Bundles = bundleFunctions()): void {
  const prefix = `headroom-${stage.name}`;
  const env = { region: stage.region };
  const monitor = new MonitorStack(app, `${prefix}-monitor`, { env, stage });
  const storage = new StorageStack(app, `${prefix}-storage`, { env, stage });
  const make: FunctionFactory = {
    stage,
    bundles,
    environment: {
      STAGE: stage.name,
      TABLE_NAME: storage.table.tableName,
      ARCHIVE_BUCKET: storage.archive.bucketName,
      SECRET_PREFIX: secretPrefix(stage.name),
      TAARA_BASE_URL: stage.taaraBaseUrl,
      ONENCE_BASE_URL: stage.onenceBaseUrl,
    },
  };
  const collect = new CollectStack(app, `${prefix}-collect`, { env, stage, storage, make });
  const dashboard = new DashboardStack(app, `${prefix}-dashboard`, { env, stage });
  const api = new ApiStack(app, `${prefix}-api`, { env, storage, dashboard, collect, make });
  const alert = new AlertStack(app, `${prefix}-alert`, { env, stage, storage, dashboard, collect, make });
  for (const stack of [collect, dashboard, api, alert]) monitor.watch(stack);
  Tags.of(app).add('application', 'headroom');
  Tags.of(app).add('stage', stage.name);
  bundles.dispose();
}
