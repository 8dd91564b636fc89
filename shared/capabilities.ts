/** The registry: one line per capability; every stage learns from here what there is to measure and to judge. */
import { BUNDLE_KIND, bundleMetrics } from './bundles/metrics.ts';
import { BUNDLE_OBSERVATIONS, observeBundles } from './bundles/observe.ts';
import { bundleRules } from './bundles/rules.ts';
import { taaraSecretIssues, taaraSettingsIssues } from './bundles/settings.ts';
import type { SourceType } from './collect/source.ts';
import type { SourceKind } from './collect/source-rules.ts';
import { INTERFACE_KIND, interfaceMetrics } from './interfaces/metrics.ts';
import { INTERFACE_OBSERVATIONS, observeInterfaces } from './interfaces/observe.ts';
import { interfaceRules } from './interfaces/rules.ts';
import { snmpSecretIssues, snmpSettingsIssues } from './interfaces/settings.ts';
import { assert } from './platform/assert.ts';
import type { Observe } from './rules/observation.ts';
import type { Rule } from './rules/rule.ts';
import type { Metric } from './samples/metric.ts';

export interface Capability {
  readonly kind: string;
  readonly metrics: readonly Metric[];
  readonly defaultRules: readonly Rule[];
  readonly observe: Observe;
  /** Names of the observations that rules may judge. */
  readonly observed: readonly string[];
}

export const CAPABILITIES: readonly Capability[] = [
  {
    kind: BUNDLE_KIND,
    metrics: bundleMetrics,
    defaultRules: bundleRules,
    observe: observeBundles,
    observed: BUNDLE_OBSERVATIONS,
  },
  {
    kind: INTERFACE_KIND,
    metrics: interfaceMetrics,
    defaultRules: interfaceRules,
    observe: observeInterfaces,
    observed: INTERFACE_OBSERVATIONS,
  },
];

export function capabilityOf(kind: string): Capability {
  const capability = CAPABILITIES.find((c) => c.kind === kind);
  assert(capability, `no capability measures "${kind}"`);
  return capability;
}

export function metricsOf(kind: string): readonly Metric[] {
  return capabilityOf(kind).metrics;
}

/** One line per type of source: how often it is read unless told, and who judges what it is configured with. */
export const SOURCE_KINDS: Readonly<Record<SourceType, SourceKind>> = {
  taara: {
    defaultPeriodSeconds: 900,
    simulable: true,
    settingsIssues: taaraSettingsIssues,
    secretIssues: taaraSecretIssues,
  },
  snmp: {
    defaultPeriodSeconds: 300,
    simulable: false,
    settingsIssues: snmpSettingsIssues,
    secretIssues: snmpSecretIssues,
  },
};
