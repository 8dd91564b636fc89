/** The API's answers as the page reads them: types of the contracts alone, nothing of them reaches the browser. */
import type * as z from 'zod/mini';
import type { alertSummaryView } from '../shared/alerts/alerts.contract.ts';
import type { bundleStats, bundleView } from '../shared/bundles/bundles.contract.ts';
import type { runView } from '../shared/collect/sources-api.contract.ts';
import type { interfaceView } from '../shared/interfaces/interfaces.contract.ts';
import type { linkStatus, linkView } from '../shared/links/links.contract.ts';
import type { overviewView, simView } from '../shared/sims/sims-views.contract.ts';

export type { SeriesResponse } from '../shared/samples/samples.contract.ts';
export type Alert = z.infer<typeof alertSummaryView>;
export type Bundle = z.infer<typeof bundleView>;
export type BundleStats = z.infer<typeof bundleStats>;
export type Interface = z.infer<typeof interfaceView>;
export type Link = z.infer<typeof linkView>;
export type LinkStatus = z.infer<typeof linkStatus>;
export type Sim = z.infer<typeof simView>;
export type SimsOverview = z.infer<typeof overviewView>;
export type Run = z.infer<typeof runView>;

/** One list of the page: what was read last, and why it could not be read again. */
export interface Loaded<T> {
  /** Undefined = never read. */
  readonly items?: readonly T[];
  /** When the items were read, epoch ms. */
  readonly readAt?: number;
  /** More exist than the page asks for. */
  readonly cut?: boolean;
  /** What happened and what to do, when the newest attempt failed; empty = told elsewhere. */
  readonly failure?: string;
  /** Only a new sign-in helps. */
  readonly signIn?: boolean;
}

/** The fleet at a glance; the items are the few SIMs that need attention first. */
export interface LoadedSims extends Loaded<Sim> {
  readonly overview?: SimsOverview;
  /** Keys of SIMs that an open alert calls silent; undefined = the alerts are not known. */
  readonly silent?: ReadonlySet<string>;
  /** `simulated`, `partly simulated`, or empty. */
  readonly simulated?: string;
}
