/** What is counted of deliveries: how they ended, and how long it took from the change that caused them. Pure. */
import type { Delivery, Outcome } from '../../shared/notify/delivery.ts';

export interface MetricSink {
  addMetric(name: string, unit: 'Count' | 'Milliseconds', value: number): unknown;
}

const COUNTS: Readonly<Record<Outcome, string>> = {
  delivered: 'DeliveryDelivered',
  failed: 'DeliveryFailed',
  unconfirmed: 'DeliveryUnconfirmed',
  final: 'DeliveryAccepted',
};

/** No dimension per tenant: each would cost as much as the rest of a small tenant's bill. */
export function countDelivery(sink: MetricSink): (row: Delivery, outcome: Outcome) => void {
  return (row, outcome) => {
    sink.addMetric(COUNTS[outcome], 'Count', 1);
    const lastFailure = outcome === 'failed' && row.step + 1 >= row.ladder.length;
    if (lastFailure) sink.addMetric('AlertUndelivered', 'Count', row.lines.length);
    if (row.acceptedAt !== undefined) {
      sink.addMetric('DetectedToAccepted', 'Milliseconds', row.acceptedAt - row.detectedAt);
    }
    if (row.deliveredAt !== undefined) {
      sink.addMetric('DetectedToDelivered', 'Milliseconds', row.deliveredAt - row.detectedAt);
    }
  };
}
