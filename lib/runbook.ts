/** Headings of docs/runbook.md that alarms point to: whoever is woken reads there what it means and what to do. */

export const RUNBOOK = {
  deadLetters: 'Messages in a dead-letter queue',
  functionErrors: 'A function fails',
  functionSlow: 'A function comes near its time-out',
  throttles: 'Lambda turns calls away',
  apiErrors: 'The API answers with errors of its own',
  collectSilent: 'Nothing is collected',
  sweepSilent: 'The minute sweep stands still',
  dataAge: 'Readings are too old',
  evaluationAge: 'Alerts are not judged in time',
  outboxAge: 'Messages wait to be sent',
  undelivered: 'An alert reached nobody',
  unfoldedAge: 'Readings are not summed up',
  unarchivedAge: 'Old readings are not archived',
  budget: 'The month costs more than planned',
} as const;

export type RunbookTopic = keyof typeof RUNBOOK;
