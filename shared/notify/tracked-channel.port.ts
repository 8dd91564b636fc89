/** A channel that can also be asked afterwards: was it sent, and what became of it? */
import type { Instant } from '../platform/clock.ts';
import type { Channel, OutgoingMessage } from './channel.port.ts';
import type { StatusReport } from './ladder.ts';

export interface TrackedChannel extends Channel {
  /**
   * The provider's id of this very message if it was accepted since that instant although no answer came back;
   * undefined when there is none, or when the provider cannot be asked: then one duplicate is the lesser evil.
   */
  find(message: OutgoingMessage, since: Instant): Promise<string | undefined>;
  /** What the provider knows now; undefined when it cannot be asked. */
  status(providerId: string, simulated: boolean): Promise<StatusReport | undefined>;
}
