import { describe, expect, it } from 'vitest';
import { type Answers, acceptAll, createWorld, type World } from './world.ts';

/** Two alerts at once: one message goes now, the other waits its turn, and the ladder works below them. */
async function story(answers: Answers, crashAt: number): Promise<World> {
  const world = createWorld({ answers });
  await world.start();
  await world.owe(1, 'firing-warning');
  await world.owe(2, 'firing-critical');
  world.state.steps = 0;
  world.state.crashAt = crashAt;
  await world.run(10 * 60_000, true);
  return world;
}

function toldBy(world: World, channel: string): string[] {
  return world.sent.filter((s) => s.channel === channel).map((s) => s.message.deliveryId);
}

const reject: Answers = (channel, n) =>
  channel === 'whatsapp' ? { outcome: 'permanent', reason: 'refused', code: '63016' } : acceptAll(channel, n);

/** As many steps as the story has without a crash. */
async function stepsOf(answers: Answers): Promise<number> {
  return (await story(answers, -1)).state.steps;
}

describe.each([
  ['all goes well', acceptAll, 'whatsapp'],
  ['WhatsApp is refused', reject, 'sms'],
] as const)('killed after any step while %s', (_, answers, channel) => {
  it('every alert reaches its receiver, nothing is sent twice, nothing stays behind', async () => {
    const steps = await stepsOf(answers);
    expect(steps).toBeGreaterThan(20);
    for (let crashAt = 2; crashAt <= steps * 2 + 1; crashAt++) {
      const world = await story(answers, crashAt);
      const sent = toldBy(world, channel);
      const where = `crash at ${crashAt} of ${steps * 2 + 1}`;
      expect(world.state.crashes, where).toBe(1);
      expect(new Set(sent).size, where).toBe(sent.length);
      const rows = (await world.rows()).filter((row) => row.channel === channel && sent.includes(row.id));
      const entities = rows.flatMap((row) => row.lines.map((l) => l.entity)).sort();
      expect(entities, where).toEqual(['core1/ether1', 'core1/ether2']);
      for (const n of [1, 2]) {
        expect(await world.alerts.readOpen('demo', `core1/ether${n}#low`), where).toMatchObject({ outbox: [] });
      }
      expect(await world.mailbox.due('demo', world.state.now + 3_600_000), where).toEqual([]);
      expect(await world.deliveries.overdue('demo', world.state.now + 3_600_000, 10), where).toEqual([]);
    }
  });
});
