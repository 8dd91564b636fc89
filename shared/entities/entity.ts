/** The thing measured: a bundle, an interface. Attributes change rarely; measurements live in samples. Pure. */
import type { Instant } from '../platform/clock.ts';

export type AttributeValue = string | number | boolean;

export interface Entity {
  readonly tenant: string;
  readonly kind: string;
  /** Unique within tenant and kind, such as `home/0000000000000000000000a1` or `core1/ether1`. */
  readonly id: string;
  /** The source that feeds it. */
  readonly target: string;
  /** What a person calls it. */
  readonly name: string;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly labels: Readonly<Record<string, string>>;
  /** True when a simulator stands behind it; every place that shows it says so. */
  readonly simulated: boolean;
  readonly firstSeenAt: Instant;
  /** Set when a complete walk of its source no longer found it. */
  readonly removedAt?: Instant;
}
