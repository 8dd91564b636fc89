/** The phone of this machine: every SMS that SNS would send to a number is caught here and shown in the console. */
import { randomUUID } from 'node:crypto';
import type { JsonFile } from './json-file.ts';

export interface PhoneMessage {
  readonly channel: 'sms' | 'whatsapp';
  readonly to: string;
  readonly body: string;
  readonly status: string;
  /** ISO instant. */
  readonly at: string;
  readonly simulated: true;
}

const KEEP = 500;

export class Phone {
  private readonly file: JsonFile<PhoneMessage[]>;
  private readonly now: () => number;

  constructor(file: JsonFile<PhoneMessage[]>, now: () => number) {
    this.file = file;
    this.now = now;
  }

  /** `Publish` with a PhoneNumber, as the query protocol's parameters; answers SNS's XML. */
  publish(parameters: URLSearchParams): string {
    const message: PhoneMessage = {
      channel: 'sms',
      to: parameters.get('PhoneNumber') ?? '',
      body: parameters.get('Message') ?? '',
      status: 'accepted',
      at: new Date(this.now()).toISOString(),
      simulated: true,
    };
    this.file.write([...this.file.read(), message].slice(-KEEP));
    const id = randomUUID();
    return (
      '<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult>' +
      `<MessageId>${id}</MessageId></PublishResult><ResponseMetadata><RequestId>${id}</RequestId></ResponseMetadata></PublishResponse>`
    );
  }

  messages(): readonly PhoneMessage[] {
    return this.file.read();
  }
}
