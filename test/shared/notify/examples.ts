/** Lines, deliveries and receivers as tests need them; every part can be replaced. */
import type { AlertStage } from '../../../shared/alerts/alert.ts';
import { type Delivery, newDelivery } from '../../../shared/notify/delivery.ts';
import { type Line, lineOf } from '../../../shared/notify/line.ts';
import { composeMessage } from '../../../shared/notify/message.ts';
import type { Receiver } from '../../../shared/notify/receiver.ts';
import { alertOf, T0 } from '../alerts/examples.ts';

export { T0 };
export const PHONE = '+447700900123';

export const desk: Receiver = {
  id: 'desk',
  name: 'Night desk',
  phone: PHONE,
  channels: ['whatsapp', 'sms'],
  minSeverity: 'info',
  language: 'en',
  enabled: true,
};

/** A line of the n-th entity. */
export function line(n: number, stage: AlertStage, part: Partial<Line> = {}): Line {
  const alert = alertOf({
    fingerprint: `core1/ether${n}#low`,
    entity: `core1/ether${n}`,
    entityName: `Core 1, port ${n}`,
    message: '{entity} has {value} {unit} left, the limit is {threshold} {unit}',
    simulated: false,
    ...(stage === 'resolved'
      ? { state: 'resolved', resolvedAt: T0 + 600_000, resolvedReason: 'cleared', value: 61 }
      : { severity: stage.slice('firing-'.length) as 'warning' }),
  });
  return { ...lineOf(alert, { recipient: desk.id, stage, detectedAt: T0 }), ...part };
}

export function delivery(part: Partial<Delivery> = {}): Delivery {
  const context = { zone: 'Africa/Nairobi', tenantName: 'Demo Networks', simulated: false };
  const lines = [line(1, 'firing-warning')];
  return {
    ...newDelivery({
      ...context,
      tenant: 'demo',
      day: '2026-11-20',
      recipient: desk.id,
      recipientName: desk.name,
      to: desk.phone,
      channel: 'whatsapp',
      ladder: desk.channels,
      step: 0,
      claim: 1,
      lines,
      message: composeMessage(lines, 'whatsapp', context),
      detectedAt: T0,
      queuedAt: T0,
    }),
    ...part,
  };
}
