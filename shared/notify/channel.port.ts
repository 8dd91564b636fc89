/** One small port per channel: a message goes out, or the reason why not comes back. */

export interface OutgoingMessage {
  readonly tenant: string;
  readonly deliveryId: string;
  /** E.164. */
  readonly to: string;
  /** Full text, for channels without templates. */
  readonly text: string;
  /** Name of the approved template and its variables, for channels that need one. */
  readonly template: {
    readonly name: string;
    readonly language: string;
    readonly variables: Readonly<Record<string, string>>;
  };
  readonly simulated: boolean;
  /** Absolute URL for status callbacks, or undefined where none can be reached. */
  readonly callbackUrl?: string;
}

export type SendResult =
  | {
      readonly outcome: 'accepted';
      readonly providerId: string /** false where no receipt will ever come */;
      readonly receipts: boolean;
    }
  | {
      readonly outcome: 'retryable';
      readonly reason: string;
      readonly retryAfterSeconds?: number /** true when it may have been accepted */;
      readonly uncertain?: boolean;
    }
  | { readonly outcome: 'permanent'; readonly reason: string; readonly code?: string };

export interface Channel {
  readonly name: 'whatsapp' | 'sms';
  send(message: OutgoingMessage): Promise<SendResult>;
}
