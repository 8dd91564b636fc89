/** Where 1NCE's Management API v2 differs from v1. SIM objects, messages and paging are those of `onence.wire.ts`. */
import * as z from 'zod/mini';
import { onenceLocation, onenceQuota, onenceSms, onenceWord } from './onence.wire.ts';

const described = z.nullish(
  z.object({ id: z.nullish(z.union([z.int(), onenceWord])), description: z.nullish(z.string()) }),
);

/** `volume` can be negative; no `peak_throughput`, no `last_status_change_date`. */
export const onenceV2Quota = z.extend(z.omit(onenceQuota, { peak_throughput: true, last_status_change_date: true }), {
  /** 0 EXHAUSTED, 1 ACTIVE, 2 EXPIRED: not the ids of SIM objects. */
  status: z.nullish(z.object({ id: z.nullish(z.int()), description: z.nullish(onenceWord) })),
  /** Of all top-ups together; `total_volume` begins anew with each. */
  accumulated_total_volume: z.nullish(z.union([z.number(), z.string()])),
  service: z.nullish(onenceWord),
});

/** Members that only a v2 quota has: by one of them the shape is told. */
export const V2_QUOTA_MEMBERS = ['service', 'status', 'accumulated_total_volume', 'created_at'] as const;

export const onenceV2Status = z.object({
  /** ONLINE, ATTACHED, OFFLINE, BLOCKED */
  status: z.nullish(z.object({ description: z.nullish(onenceWord) })),
  /** REACHED, NOT_REACHED */
  data_traffic_limit_state: z.nullish(z.object({ description: z.nullish(onenceWord) })),
  location: z.nullish(onenceLocation),
  /** `onencePdpContext` */
  pdp_contexts: z.nullish(z.array(z.unknown())),
});

/** `endpoint`, `sim`, `user`, `organisation` and `detail` are objects of other systems and not read. */
export const onenceV2Event = z.object({
  id: z.nullish(z.union([z.int(), onenceWord])),
  timestamp: onenceWord,
  event_type: z.object({ id: z.nullish(z.union([z.int(), onenceWord])), description: z.nullish(z.string()) }),
  description: z.nullish(z.string()),
  alert: z.nullish(z.boolean()),
  event_severity: described,
  /** The specification names the member and not its shape: the number, or an object around it. */
  imsi: z.nullish(z.union([onenceWord, z.object({ imsi: z.nullish(onenceWord) })])),
});

/** Answer to a message that was sent or cancelled. */
export const onenceV2SmsId = z.pick(onenceSms, { id: true });

export type OnenceV2Quota = z.infer<typeof onenceV2Quota>;
