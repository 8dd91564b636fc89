/** The portal's display texts, read exactly: integers only, decimal units, and nothing guessed. Pure. */

export type BalanceText =
  | {
      readonly kind: 'limited';
      readonly octets: bigint /** One step of the last digit shown. */;
      readonly stepOctets: bigint;
    }
  | { readonly kind: 'unlimited' };

const OCTETS: Readonly<Record<string, bigint>> = {
  KB: 1_000n,
  MB: 1_000_000n,
  GB: 1_000_000_000n,
  TB: 1_000_000_000_000n,
};

/** "900.5 GB", "0 KB", "Unlimited"; undefined for every other text. */
export function parseBalance(text: string): BalanceText | undefined {
  if (text === 'Unlimited') return { kind: 'unlimited' };
  const match = /^(\d{1,9})(?:\.(\d{1,9}))? (KB|MB|GB|TB)$/.exec(text);
  if (!match) return undefined;
  const [, whole = '', fraction = '', unit = ''] = match;
  const size = OCTETS[unit] ?? 0n;
  const parts = 10n ** BigInt(fraction.length);
  // A digit finer than one octet cannot be kept exactly, so such a text is not understood.
  if (size % parts !== 0n) return undefined;
  return { kind: 'limited', octets: BigInt(whole + fraction) * (size / parts), stepOctets: size / parts };
}

const SECONDS: Readonly<Record<string, bigint>> = { day: 86_400n, hour: 3_600n, minute: 60n };

/** Seconds of "28 days", "1 day", "5 hours", "30 minutes"; 0 of "Expired"; undefined for every other text. */
export function parseExpiry(text: string): bigint | undefined {
  if (text === 'Expired') return 0n;
  const match = /^(\d{1,5}) (day|hour|minute)s?$/.exec(text);
  const unit = SECONDS[match?.[2] ?? ''];
  return match?.[1] === undefined || unit === undefined ? undefined : BigInt(match[1]) * unit;
}

/** True when `octets`, rounded to the last digit shown, gives the text. Either way of rounding a half is taken. */
export function roundsTo(octets: bigint, text: Extract<BalanceText, { kind: 'limited' }>): boolean {
  const distance = octets > text.octets ? octets - text.octets : text.octets - octets;
  return distance * 2n <= text.stepOctets;
}
