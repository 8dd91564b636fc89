import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

interface Proof {
  readonly fault: number;
  readonly file: string;
  /** As it stands in the file; of a title made of a table, the part that the table does not fill. */
  readonly title: string;
}

const PROOFS: readonly Proof[] = [
  {
    fault: 1,
    file: 'shared/collect/pipeline-crash.test.ts',
    title: 'F1, F2: any row of crashes and duplicates over three slots loses nothing and doubles nothing',
  },
  {
    fault: 1,
    file: 'shared/collect/pipeline-crash.test.ts',
    title: 'F1: the rules are always asked after the head has moved',
  },
  {
    fault: 1,
    file: 'functions/evaluate/evaluate.test.ts',
    title: 'fault 1: a crash between the write and the message is made good by the next run',
  },
  {
    fault: 1,
    file: 'functions/evaluate/sweep.test.ts',
    title: 'fault 1: words left in an outbox, waiting mailboxes and overdue deliveries are sent on',
  },
  {
    fault: 1,
    file: 'functions/notify/crash.test.ts',
    title: 'every alert reaches its receiver, nothing is sent twice, nothing stays behind',
  },
  {
    fault: 1,
    file: 'flow/removed-grant.full.test.ts',
    title: 'fault 1: what was stored but not announced is judged all the same, by the look at each slot',
  },
  {
    fault: 2,
    file: 'shared/collect/pipeline.test.ts',
    title: 'F2: the same message again, later or at once, has no second effect',
  },
  { fault: 2, file: 'functions/evaluate/evaluate.test.ts', title: 'fault 2: the same message again writes nothing' },
  { fault: 2, file: 'functions/notify/notifier.test.ts', title: 'the same message many times at once sends once' },
  { fault: 2, file: 'flow/drained-bundle.test.ts', title: 'the same slot asked for twice is one run' },
  {
    fault: 3,
    file: 'shared/collect/pipeline.test.ts',
    title: 'F3: a slot that is seven minutes late is read, and stored under its own name',
  },
  {
    fault: 3,
    file: 'flow/faults-time.full.test.ts',
    title: 'slots that never came are a gap with its true increase, not zeros and not a rate',
  },
  {
    fault: 3,
    file: 'flow/faults-time.full.test.ts',
    title: 'seven minutes late, the slot keeps its name and the use is spread over the time that really passed',
  },
  {
    fault: 5,
    file: 'shared/collect/pipeline.test.ts',
    title: 'F5: a walk that stops at its deadline goes on from its checkpoint, and absence is not read from a part',
  },
  {
    fault: 5,
    file: 'functions/collect/collector.test.ts',
    title: 'F5: with too little time left the message is put back',
  },
  {
    fault: 5,
    file: 'flow/faults-table.full.test.ts',
    title: 'a read is given up at a margin, written down as such, and the function is never cut off',
  },
  {
    fault: 5,
    file: 'flow/fleet-restart.full.test.ts',
    title: 'killed in the middle of the first walk and started again: every SIM is complete, none twice, no day lost',
  },
  {
    fault: 5,
    file: 'flow/fleet-connect.full.test.ts',
    title:
      'first connect of a thousand SIMs: all are listed and looked at, with one login, and never faster than configured',
  },
  {
    fault: 6,
    file: 'shared/platform/table.test.ts',
    title: 'fault 6: a write that was done, but whose answer was lost, is recognised where that is asked for',
  },
  {
    fault: 6,
    file: 'shared/platform/queue.test.ts',
    title: 'F6: what the queue did not take is sent again, and only that',
  },
  {
    fault: 6,
    file: 'flow/faults-table.full.test.ts',
    title: 'throttles a tenth of everything: every reading is stored once, every word told once',
  },
  { fault: 6, file: 'flow/faults-table.full.test.ts', title: 'writes, and its answer is lost now and then' },
  {
    fault: 6,
    file: 'flow/faults-table.full.test.ts',
    title: 'is gone for a while: the API says so in words, and a slot is read when it is back',
  },
  {
    fault: 7,
    file: 'shared/samples/replay.test.ts',
    title: 'F7: a gap is filled from chunks and from what is not folded yet, with every metric',
  },
  { fault: 7, file: 'functions/collect/timestream.test.ts', title: 'F7: Timestream does not answer' },
  {
    fault: 7,
    file: 'flow/timestream-down.full.test.ts',
    title: 'fault 7: while Timestream is down nothing else is late, and afterwards nothing is missing',
  },
  {
    fault: 8,
    file: 'flow/fleet-connect.full.test.ts',
    title: 'fault 8: while it is under way the runs of a small tenant come and end as ever',
  },
  {
    fault: 9,
    file: 'shared/bundles/taara.http.test.ts',
    title: 'F9: fifty runs that lose one token at the same time log in once',
  },
  {
    fault: 9,
    file: 'shared/collect/pipeline-failures.test.ts',
    title: 'F9: credentials refused in two runs pause the source; a manual run then tells why, and calls nobody',
  },
  {
    fault: 9,
    file: 'flow/faults-answers.full.test.ts',
    title: 'credentials refused in two runs rest, somebody hears of it, and new ones bring the source back',
  },
  {
    fault: 9,
    file: 'flow/fleet-faults.full.test.ts',
    title: 'tokens that end while a round and many requests are under way: one login each, and nobody is paused',
  },
  {
    fault: 9,
    file: 'flow/fleet-faults.full.test.ts',
    title: 'credentials refused for good rest after the second time, somebody hears of it, new ones bring it back',
  },
  {
    fault: 10,
    file: 'shared/collect/pipeline-failures.test.ts',
    title: 'F10: a throttled source is not called before it said, but by somebody who asks for it',
  },
  {
    fault: 10,
    file: 'flow/faults-answers.full.test.ts',
    title: 'with Retry-After as %s, the source is not called before its time and is called after it',
  },
  {
    fault: 10,
    file: 'flow/fleet-faults.full.test.ts',
    title: 'Retry-After as %s: no call before its time, no function sleeps it out, and no SIM is lost',
  },
  {
    fault: 11,
    file: 'shared/collect/breaker.test.ts',
    title:
      'F11: an open breaker refuses the schedule, lets a manual run through, and admits one probe when its rest is over',
  },
  {
    fault: 11,
    file: 'flow/faults-time.full.test.ts',
    title: 'it is left alone more and more, probed, and afterwards the totals are equal',
  },
  {
    fault: 11,
    file: 'flow/fleet-outage.full.test.ts',
    title: 'for half an hour: it is left alone more and more, probed, and afterwards everything is there',
  },
  {
    fault: 11,
    file: 'flow/fleet-outage.full.test.ts',
    title: 'for six days: the days between come from its history, and every day equals its own',
  },
  { fault: 12, file: 'shared/platform/http.test.ts', title: 'F12: a connection cut in mid-body keeps its class' },
  {
    fault: 12,
    file: 'shared/platform/http.test.ts',
    title: 'F12: a server that speaks no TLS, and one without a certificate, keep their class',
  },
  { fault: 12, file: 'shared/platform/http.test.ts', title: 'F12: an unknown host keeps its class' },
  {
    fault: 12,
    file: 'shared/bundles/taara.http.faults.test.ts',
    title: "F12: a slow service is given up at the job's deadline",
  },
  { fault: 12, file: 'shared/notify/twilio.adapter.test.ts', title: 'fault 12: bad lines' },
  {
    fault: 12,
    file: 'shared/interfaces/snmp.snmp.test.ts',
    title: 'an answer sent to a silent port is not waited for longer than the tries allow',
  },
  {
    fault: 12,
    file: 'shared/sims/onence.http.faults.test.ts',
    title: 'an answer that drips is given up at the deadline',
  },
  {
    fault: 13,
    file: 'shared/platform/http.test.ts',
    title: 'F13: a body above the cap is refused while it is still coming, and the socket is closed',
  },
  {
    fault: 13,
    file: 'shared/bundles/taara.convert.test.ts',
    title: 'F13: what is malformed is rejected with path and text, never 0, and what is good is kept',
  },
  {
    fault: 13,
    file: 'shared/interfaces/snmp-hostile.test.ts',
    title: 'of the wrong type are rejected with their raw form, and the others of the row stay',
  },
  { fault: 13, file: 'flow/faults-answers.full.test.ts', title: '%s is kept for a person, and changes no value' },
  {
    fault: 13,
    file: 'flow/fleet-faults.full.test.ts',
    title: '%s instead of the list: the run says why, and no SIM is lost for it',
  },
  {
    fault: 13,
    file: 'flow/fleet-faults.full.test.ts',
    title: '%s instead of %s: it is told of, no value becomes another, and the other SIMs are right',
  },
  {
    fault: 14,
    file: 'flow/fleet-trouble.full.test.ts',
    title: 'a page is lost: nobody is called removed by that walk, and who is gone is by the next whole one',
  },
  {
    fault: 14,
    file: 'flow/fleet-trouble.full.test.ts',
    title: 'a page that repeats for ever (%s) ends the walk, and takes nobody away',
  },
  {
    fault: 15,
    file: 'flow/fleet-days.full.test.ts',
    title: 'F15: a day that the provider restates is taken over, and what it was before is kept',
  },
  {
    fault: 16,
    file: 'shared/interfaces/faults.test.ts',
    title: 'a restart gives no increase, and the next one counts from there',
  },
  {
    fault: 16,
    file: 'shared/interfaces/faults.test.ts',
    title: 'indexes that move give no increase across ports: the name is the key, the index part of the life',
  },
  {
    fault: 16,
    file: 'shared/interfaces/faults.test.ts',
    title: 'a 64-bit counter that jumps ahead is implausible, and one that falls is a reset, never a wrap',
  },
  {
    fault: 16,
    file: 'shared/interfaces/faults.test.ts',
    title: 'a 32-bit counter of a fast port is unknown, whether it rises or falls',
  },
  {
    fault: 18,
    file: 'shared/samples/increase.test.ts',
    title: 'stays when %s is refused as stale, and the next step counts from it',
  },
  { fault: 18, file: 'shared/rules/rules.test.ts', title: 'a clock that was set back far starts anew' },
  { fault: 18, file: 'flow/faults-time.full.test.ts', title: 'an upstream whose clock is off by %i minutes' },
  {
    fault: 18,
    file: 'flow/faults-time.full.test.ts',
    title: 'our own clock steps back: nothing is counted twice or below zero, and the next slots go on',
  },
  {
    fault: 19,
    file: 'shared/samples/fold.property.test.ts',
    title:
      'F19: whatever is delivered, doubled, late or cut short while folds run: what is folded is the sum of what is stored',
  },
  {
    fault: 19,
    file: 'flow/faults-queues.full.test.ts',
    title: 'through the import, whatever the order: days add up to the raw readings, before and after the fold',
  },
  { fault: 20, file: 'shared/notify/ladder.test.ts', title: 'fault 20: receipts twice and out of order' },
  { fault: 20, file: 'shared/notify/twilio.convert.test.ts', title: 'fault 20: error answers' },
  { fault: 20, file: 'functions/notify/status.test.ts', title: 'twice, or out of order, has one effect' },
  { fault: 20, file: 'flow/provider-refuses.test.ts', title: 'one that is refused by callback becomes an SMS too' },
  { fault: 20, file: 'flow/faults-notify.full.test.ts', title: '%s: the SMS follows, once' },
  { fault: 20, file: 'flow/faults-notify.full.test.ts', title: '%s: it is tried again, and one message arrives' },
  {
    fault: 20,
    file: 'flow/faults-notify.full.test.ts',
    title: 'every channel refuses: the alert says so, and that nobody was told',
  },
  {
    fault: 21,
    file: 'functions/collect/collector.test.ts',
    title: 'F21: a poison message goes back alone; its batch mates are processed',
  },
  {
    fault: 21,
    file: 'functions/records.test.ts',
    title: 'fault 21: a poison message returns alone, its batch mates are done, its cause is in the log',
  },
  {
    fault: 21,
    file: 'flow/faults-queues.full.test.ts',
    title: 'goes to the dead letters of every queue with its cause in the log, and its batch mates are processed',
  },
  {
    fault: 21,
    file: 'flow/faults-queues.full.test.ts',
    title: 'redriven it is a dead letter again; a good one, redriven twice, has its effect once',
  },
  {
    fault: 24,
    file: 'flow/fleet-outage.full.test.ts',
    title: 'fault 24: removed while parts wait and calls are under way: no write afterwards, no SIM, no alert',
  },
  {
    fault: 24,
    file: 'flow/fleet-outage.full.test.ts',
    title: 'fault 24: removed in the middle of a round, what is under way writes nothing that shows again',
  },
  {
    fault: 26,
    file: 'functions/collect/collector.test.ts',
    title: 'F26: a field that a newer version adds is let pass',
  },
  {
    fault: 26,
    file: 'flow/faults-queues.full.test.ts',
    title: 'fields that a newer version adds are let pass by every reader',
  },
  {
    fault: 26,
    file: 'flow/faults-queues.full.test.ts',
    title: 'a version that is not known yet waits among the dead letters and changes nothing',
  },
  {
    fault: 27,
    file: 'shared/collect/schedule.property.test.ts',
    title: 'F27: of 1000 tenants with a period of %i s, no minute has twice the mean',
  },
  {
    fault: 28,
    file: 'shared/collect/pipeline-failures.test.ts',
    title: 'F28: a secret rotated while running is read anew and tried once',
  },
  { fault: 28, file: 'shared/notify/twilio.adapter.test.ts', title: 'fault 28: the token is rotated while running' },
  {
    fault: 28,
    file: 'flow/faults-answers.full.test.ts',
    title: 'a collector that remembers the old one reads the new one and tries once more, in the same run',
  },
  {
    fault: 29,
    file: 'local/services/timestream-write.test.ts',
    title: 'F29: what was acknowledged before a kill -9 is there afterwards',
  },
  {
    fault: 29,
    file: 'local/services/tables-closing.test.ts',
    title:
      'fault 29: closed in the middle of requests, it ends them first, and what it acknowledged is there afterwards',
  },
  {
    fault: 29,
    file: 'flow/faults-restart.full.test.ts',
    title:
      'fault 29: killed twice under load and started again, it is in the same state and has lost nothing that it acknowledged',
  },
];

const SURVIVED = [1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18, 19, 20, 21, 24, 26, 27, 28, 29];

test('every fault that must be survived has a proof', () => {
  expect([...new Set(PROOFS.map((p) => p.fault))].sort((a, b) => a - b)).toEqual(SURVIVED);
});

test.each(PROOFS.map((p) => [p.fault, p.title, p.file] as const))('fault %i: "%s" is a test', (_, title, file) => {
  const text = readFileSync(join(import.meta.dirname, file), 'utf8');
  const quoted = ["'", '"', '`'].map((quote) => `${quote}${title}`);
  expect(
    quoted.some((start) => text.includes(start)),
    `${file} has no test "${title}"`,
  ).toBe(true);
});
