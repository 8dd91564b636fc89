/** One typed entry per environment: everything that differs between local, dev and prod stands here. */

export interface Stage {
  readonly name: 'local' | 'dev' | 'prod';
  readonly region: string;
  /** Timestream for LiveAnalytics takes no new customers: true only where the account may create a database. */
  readonly timestream: boolean;
  /** Keeps tables, buckets and user pools when their stack goes, and refuses their deletion. */
  readonly protectData: boolean;
  readonly logRetentionDays: 7 | 30 | 90;
  /** Requests a second and burst over the whole API. */
  readonly throttle: { readonly rate: number; readonly burst: number };
  /** Name of the SSM parameter with the e-mail address that alarms go to; alarms stay silent without it. */
  readonly alarmEmailParameter?: string;
  /** `all` also watches every function for coming near its time-out; an alarm costs 0.10 $ a month and metric. */
  readonly alarms: 'all' | 'essential';
  /** Dollars a month of the whole account (a filter by tag counts nothing until the tags are activated by hand). */
  readonly monthlyBudgetUsd?: number;
  /** People sign in with a one-time code from an app as well. */
  readonly secondFactor: boolean;
  /** Base URL of the Taara subscriber API. */
  readonly taaraBaseUrl: string;
  /** Base URL of 1NCE's management API. */
  readonly onenceBaseUrl: string;
  /** An existing network for the functions that reach routers over a VPN; no look-up is made. */
  readonly vpc?: {
    readonly vpcId: string;
    readonly availabilityZones: readonly string[];
    readonly privateSubnetIds: readonly string[];
    readonly securityGroupId: string;
  };
}

const TAARA = 'https://share.taara.company';
const ONENCE = 'https://api.1nce.com/management-api';

export const STAGES: readonly Stage[] = [
  {
    name: 'local',
    region: 'us-east-1',
    timestream: true,
    protectData: false,
    logRetentionDays: 7,
    throttle: { rate: 2000, burst: 2000 },
    alarms: 'all',
    secondFactor: false,
    taaraBaseUrl: TAARA,
    onenceBaseUrl: ONENCE,
  },
  {
    name: 'dev',
    region: 'eu-west-1',
    timestream: false,
    protectData: false,
    logRetentionDays: 7,
    throttle: { rate: 50, burst: 100 },
    alarms: 'essential',
    monthlyBudgetUsd: 20,
    secondFactor: false,
    taaraBaseUrl: TAARA,
    onenceBaseUrl: ONENCE,
  },
  {
    name: 'prod',
    region: 'eu-west-1',
    timestream: true,
    protectData: true,
    logRetentionDays: 30,
    throttle: { rate: 200, burst: 400 },
    alarms: 'all',
    monthlyBudgetUsd: 80,
    secondFactor: true,
    alarmEmailParameter: '/headroom/prod/alarm-email',
    taaraBaseUrl: TAARA,
    onenceBaseUrl: ONENCE,
  },
];

export function stageNamed(name: string): Stage {
  const stage = STAGES.find((s) => s.name === name);
  if (!stage) throw new Error(`no stage is named "${name}": use one of ${STAGES.map((s) => s.name).join(', ')}`);
  return stage;
}
