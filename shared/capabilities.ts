/** The registry: one line per capability; every stage learns from here what there is to judge (what is measured: capability-metrics.ts). */
import { BUNDLE_KIND } from './bundles/metrics.ts';
import { BUNDLE_OBSERVATIONS, observeBundles } from './bundles/observe.ts';
import { bundleRules } from './bundles/rules.ts';
import { taaraSecretIssues, taaraSettingsIssues } from './bundles/settings.ts';
import type { SourceType } from './collect/source.ts';
import type { SourceKind } from './collect/source-rules.ts';
import type { OwnUplink } from './collect/uplink.ts';
import { iosxeSecretIssues, iosxeSettingsIssues } from './interfaces/iosxe-settings.ts';
import { isJunosSimulated, junosSecretIssues, junosSettingsIssues } from './interfaces/junos-settings.ts';
import { INTERFACE_KIND, QUEUE_KIND } from './interfaces/metrics.ts';
import { INTERFACE_OBSERVATIONS, observeInterfaces, observeQueues } from './interfaces/observe.ts';
import { pushSecretIssues, pushSettingsIssues } from './interfaces/push-settings.ts';
import { routerosSecretIssues, routerosSettingsIssues } from './interfaces/routeros-settings.ts';
import { interfaceRules } from './interfaces/rules.ts';
import { snmpSecretIssues, snmpSettingsIssues } from './interfaces/settings.ts';
import { siteRouterSecretIssues, siteRouterSettingsIssues } from './interfaces/site-router-settings.ts';
import { linkSecretIssues, linkSettingsIssues } from './links/link.ts';
import { LINK_KIND } from './links/metrics.ts';
import { LINK_OBSERVATIONS, observeLinks } from './links/observe.ts';
import { linkRules } from './links/rules.ts';
import { assert } from './platform/assert.ts';
import { REACH_KIND } from './reach/metrics.ts';
import { observeReach, REACH_OBSERVATIONS } from './reach/observe.ts';
import { reachRules } from './reach/rules.ts';
import { pingSecretIssues, pingSettingsIssues, uplinkOfDevice } from './reach/settings.ts';
import { RESELLER_KIND, RESELLERS_KIND } from './resellers/metrics.ts';
import {
  observeAllResellers,
  observeResellers,
  RESELLER_OBSERVATIONS,
  RESELLERS_OBSERVATIONS,
} from './resellers/observe.ts';
import { allResellersRules, resellerRules } from './resellers/rules.ts';
import { WATCH_PERIOD_SECONDS } from './resellers/watch.ts';
import type { Observe } from './rules/observation.ts';
import type { Rule } from './rules/rule.ts';
import { FLEET_KIND, SIM_KIND } from './sims/metrics.ts';
import { FLEET_OBSERVATIONS, observeFleet, observeSims, SIM_OBSERVATIONS } from './sims/observe.ts';
import { fleetRules, simRules } from './sims/rules.ts';
import { onenceSecretIssues, onenceSettingsIssues } from './sims/settings.ts';

export interface Capability {
  readonly kind: string;
  readonly defaultRules: readonly Rule[];
  readonly observe: Observe;
  /** Names of the observations that rules may judge. */
  readonly observed: readonly string[];
  /** Why absence rules are not for this kind, and what is; absent = they are. */
  readonly noAbsence?: string;
}

export const CAPABILITIES: readonly Capability[] = [
  {
    kind: BUNDLE_KIND,
    defaultRules: bundleRules,
    observe: observeBundles,
    observed: BUNDLE_OBSERVATIONS,
  },
  {
    kind: INTERFACE_KIND,
    defaultRules: interfaceRules,
    observe: observeInterfaces,
    observed: INTERFACE_OBSERVATIONS,
  },
  {
    kind: QUEUE_KIND,
    // A customer who fills the plan that was bought is no fault.
    defaultRules: [],
    observe: observeQueues,
    observed: INTERFACE_OBSERVATIONS,
    noAbsence:
      'cannot be absence for queues, which are read with the ports of their router: use an absence rule of the kind interface',
  },
  {
    kind: LINK_KIND,
    defaultRules: linkRules,
    observe: observeLinks,
    observed: LINK_OBSERVATIONS,
  },
  {
    kind: REACH_KIND,
    defaultRules: reachRules,
    observe: observeReach,
    observed: REACH_OBSERVATIONS,
  },
  {
    kind: RESELLER_KIND,
    defaultRules: resellerRules,
    observe: observeResellers,
    observed: RESELLER_OBSERVATIONS,
    noAbsence:
      'cannot be absence for resellers, which are looked at together: use an absence rule of the kind resellers',
  },
  {
    kind: RESELLERS_KIND,
    defaultRules: allResellersRules,
    observe: observeAllResellers,
    observed: RESELLERS_OBSERVATIONS,
  },
  {
    kind: SIM_KIND,
    defaultRules: simRules,
    observe: observeSims,
    observed: SIM_OBSERVATIONS,
    noAbsence:
      'cannot be absence for SIMs, which are read in turn: use a threshold on silentSeconds, or an absence rule of the kind fleet',
  },
  {
    kind: FLEET_KIND,
    defaultRules: fleetRules,
    observe: observeFleet,
    observed: FLEET_OBSERVATIONS,
  },
];

export function capabilityOf(kind: string): Capability {
  const capability = CAPABILITIES.find((c) => c.kind === kind);
  assert(capability, `no capability measures "${kind}"`);
  return capability;
}

/** One line per type of source: how often it is read unless told, and who judges what it is configured with. */
export const SOURCE_KINDS: Readonly<Record<SourceType, SourceKind>> = {
  taara: {
    defaultPeriodSeconds: 900,
    isSimulated: () => true,
    settingsIssues: taaraSettingsIssues,
    secretIssues: taaraSecretIssues,
  },
  snmp: {
    defaultPeriodSeconds: 300,
    isSimulated: ({ simulator }) => simulator === true,
    settingsIssues: snmpSettingsIssues,
    secretIssues: snmpSecretIssues,
  },
  routeros: {
    defaultPeriodSeconds: 300,
    // In clear it answers on this machine only.
    isSimulated: ({ plainHttp }) => plainHttp === true,
    settingsIssues: routerosSettingsIssues,
    secretIssues: routerosSecretIssues,
  },
  iosxe: {
    defaultPeriodSeconds: 300,
    isSimulated: ({ plainHttp }) => plainHttp === true,
    settingsIssues: iosxeSettingsIssues,
    secretIssues: iosxeSecretIssues,
  },
  junos: {
    defaultPeriodSeconds: 300,
    isSimulated: isJunosSimulated,
    settingsIssues: junosSettingsIssues,
    secretIssues: junosSecretIssues,
  },
  onence: {
    defaultPeriodSeconds: 900,
    isSimulated: () => true,
    settingsIssues: onenceSettingsIssues,
    secretIssues: onenceSecretIssues,
  },
  push: {
    defaultPeriodSeconds: 300,
    isSimulated: () => false,
    settingsIssues: pushSettingsIssues,
    secretIssues: pushSecretIssues,
  },
  'site-router': {
    defaultPeriodSeconds: 300,
    isSimulated: () => false,
    settingsIssues: siteRouterSettingsIssues,
    secretIssues: siteRouterSecretIssues,
  },
  ping: {
    defaultPeriodSeconds: 300,
    // What a simulated router sees is simulated; a connection from here is not.
    isSimulated: ({ via }) => via !== undefined,
    ownUplink: uplinkOfDevice,
    settingsIssues: pingSettingsIssues,
    secretIssues: pingSecretIssues,
  },
  link: {
    defaultPeriodSeconds: 300,
    // Made of readings of the tenant's own sources, and as simulated as these.
    isSimulated: () => true,
    settingsIssues: linkSettingsIssues,
    secretIssues: linkSecretIssues,
  },
  // The house makes it by itself, and refuses everybody else's whole (`sourceIssues`).
  resellers: {
    defaultPeriodSeconds: WATCH_PERIOD_SECONDS,
    isSimulated: () => true,
    settingsIssues: () => [],
    secretIssues: () => [],
  },
};

/** What a thing names itself as its uplink, whatever its source says of all. */
export const ownUplink: OwnUplink = ({ type, settings }, name) => SOURCE_KINDS[type].ownUplink?.(settings, name);
