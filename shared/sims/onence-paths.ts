/** Where 1NCE's API keeps what belongs to one SIM. Pure. */

/** After the generation: `/sims/<iccid>/<below>`. */
export function simPath(iccid: string, below = ''): string {
  return `/sims/${encodeURIComponent(iccid)}${below === '' ? '' : `/${below}`}`;
}
