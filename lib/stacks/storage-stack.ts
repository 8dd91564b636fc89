/** Where everything is kept: the one table, the bucket of readings older than it holds, Timestream. */
import { Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { AttributeType, Billing, ProjectionType, TableEncryptionV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { BlockPublicAccess, Bucket, BucketEncryption, StorageClass } from 'aws-cdk-lib/aws-s3';
import { CfnDatabase, CfnTable } from 'aws-cdk-lib/aws-timestream';
import type { Construct } from 'constructs';
import { INDEX, INDEX_PK, INDEX_SK, PK, SK, TTL } from '../../shared/platform/table.dynamodb.ts';
import { acknowledge } from '../constructs/acknowledge.ts';
import type { Stage } from '../stages.ts';

export class StorageStack extends Stack {
  readonly table: TableV2;
  /** Readings of months that the table soon forgets, as files. */
  readonly archive: Bucket;
  /** As the other stacks import it: a wildcard over it is acknowledged by that name. */
  readonly archiveArn: string;
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
    this.archive = this.createArchive(stage);
    this.archiveArn = this.exportValue(this.archive.bucketArn);
    this.timestream = stage.timestream ? this.createTimestream() : undefined;
  }

  /**
   * What is written over or removed by mistake stays for a month. The colder class answers at once; S3 moves no object to it
   * that is too small to gain by that.
   */
  private createArchive(stage: Stage): Bucket {
    const archive = new Bucket(this, 'Archive', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      versioned: true,
      lifecycleRules: [
        {
          transitions: [{ storageClass: StorageClass.GLACIER_INSTANT_RETRIEVAL, transitionAfter: Duration.days(30) }],
          noncurrentVersionExpiration: Duration.days(30),
        },
      ],
      removalPolicy: stage.protectData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    acknowledge(archive, {
      'AwsSolutions-S1':
        'Only functions of this stage reach the bucket, and their logs and the table say what was read.',
    });
    return archive;
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
