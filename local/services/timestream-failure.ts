/** How the emulated Timestream says no: in AWS's own types, so that an SDK client raises what it would raise there. Pure. */

export class TimestreamFailure extends Error {
  readonly type: string;
  readonly status: number;
  /** Fields of the answer beside its type and message. */
  readonly fields: Readonly<Record<string, unknown>>;

  constructor(type: string, message: string, options: { status?: number; fields?: Record<string, unknown> } = {}) {
    super(message);
    this.type = type;
    this.status = options.status ?? 400;
    this.fields = options.fields ?? {};
  }
}

export function invalid(message: string): TimestreamFailure {
  return new TimestreamFailure('ValidationException', message);
}

export function missing(message: string): TimestreamFailure {
  return new TimestreamFailure('ResourceNotFoundException', message);
}

/** What Timestream may well do and this emulator does not: never carried out by half. */
export function unsupported(what: string): TimestreamFailure {
  return invalid(`the local cloud's Timestream does not know ${what}`);
}

/** One record that was not stored; the others of its call were. */
export interface RejectedRecord {
  readonly RecordIndex: number;
  readonly Reason: string;
  readonly ExistingVersion?: number;
}

export function rejection(records: readonly RejectedRecord[]): TimestreamFailure {
  return new TimestreamFailure(
    'RejectedRecordsException',
    'One or more records have been rejected. See RejectedRecords for details.',
    { fields: { RejectedRecords: records } },
  );
}
