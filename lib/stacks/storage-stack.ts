/** Where everything is kept: the one table, the bucket of raw archives, the tenants' secrets' name space, Timestream. */
import { RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { AttributeType, Billing, ProjectionType, TableEncryptionV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { CfnDatabase, CfnTable } from 'aws-cdk-lib/aws-timestream';
import type { Construct } from 'constructs';
import { INDEX, INDEX_PK, INDEX_SK, PK, SK, TTL } from '../../shared/platform/table.dynamodb.ts';
import { acknowledge } from '../constructs/acknowledge.ts';
import type { Stage } from '../stages.ts';

export class StorageStack extends Stack {
  readonly table: TableV2;
  readonly timestream: { readonly database: CfnDatabase; readonly table: CfnTable } | undefined;

  constructor(scope: Construct, id: string, props: StackProps & { stage: Stage }) {
    super(scope, id, props);
    const { stage } = props;
    this.table = new TableV2(this, 'Table', {
      partitionKey: { name: PK, type: AttributeType.STRING },
      sortKey: { name: SK, type: AttributeType.STRING },
      billing: Billing.onDemand(),
      encryption: TableEncryptionV2.awsManagedKey(),
      timeToLiveAttribute: TTL,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: stage.protectData,
      removalPolicy: stage.protectData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      globalSecondaryIndexes: [
        {
          indexName: INDEX,
          partitionKey: { name: INDEX_PK, type: AttributeType.STRING },
          sortKey: { name: INDEX_SK, type: AttributeType.STRING },
          projectionType: ProjectionType.ALL,
        },
      ],
    });
    this.timestream = stage.timestream ? this.createTimestream() : undefined;
  }

  /** Memory retention of a day: late samples older than that take magnetic writes. */
  private createTimestream(): { database: CfnDatabase; table: CfnTable } {
    const database = new CfnDatabase(this, 'SamplesDatabase');
    const table = new CfnTable(this, 'SamplesTable', {
      databaseName: database.ref,
      retentionProperties: { MemoryStoreRetentionPeriodInHours: '24', MagneticStoreRetentionPeriodInDays: '400' },
      magneticStoreWriteProperties: { EnableMagneticStoreWrites: true },
    });
    const oldService =
      'The product asks for Timestream; a stage says itself whether its account may still create it, and the table serves without it.';
    acknowledge(database, {
      'AwsSolutions-TS3':
        'Usage figures under a key of AWS: a key of our own costs more than the database of a small stage.',
      'CloudFormation-Validate::W3697': oldService,
    });
    acknowledge(table, { 'CloudFormation-Validate::W3697': oldService });
    return { database, table };
  }
}
