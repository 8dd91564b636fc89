/** What the tenant says of a SIM and the provider does not know: tags, a group, a threshold of its own. Pure. */

export interface SimNote {
  readonly iccid: string;
  /** Sorted, each once; 1 to 40 lower-case letters, digits, `-` and `_`. At most 20. */
  readonly tags: readonly string[];
  readonly group?: string;
  /** Warn below so many percent of the data quota; 0 to 100. */
  readonly thresholdPercent?: number;
}

/** As rules select by them: `group`, and `tag:<tag>` = "yes". */
export function labelsOf(note: SimNote | undefined): Record<string, string> {
  return {
    ...(note?.group === undefined ? {} : { group: note.group }),
    ...Object.fromEntries((note?.tags ?? []).map((tag) => [`tag:${tag}`, 'yes'])),
    ...(note?.thresholdPercent === undefined ? {} : { thresholdPercent: String(note.thresholdPercent) }),
  };
}
